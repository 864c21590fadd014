/** The runs of src/optim/golden/optim.py in our words, for whatever applies a rule: as a graph, as a loop in place, in a learner. */
import { adam } from "../src/optim/adam.ts";
import { adamw } from "../src/optim/adamw.ts";
import { groups, noDecayForBiasesAndNorms } from "../src/optim/groups.ts";
import { l1 } from "../src/optim/l1.ts";
import type { Optimizer, OptimizerOf } from "../src/optim/optimizer.ts";
import { type Schedule, schedules } from "../src/optim/schedule.ts";
import { sgd } from "../src/optim/sgd.ts";

export interface Run {
  readonly optimizer: Optimizer | OptimizerOf;
  readonly lr: number;
  readonly schedule?: Schedule;
  readonly maxGradNorm?: number;
  readonly maxGradValue?: number;
}

export const STEPS = 20;

export const runs: Readonly<Record<string, Run>> = {
  sgd: { optimizer: sgd(), lr: 0.1 },
  "sgd, decay": { optimizer: sgd({ weightDecay: 0.1 }), lr: 0.1 },
  momentum: { optimizer: sgd({ momentum: 0.9 }), lr: 0.1 },
  "momentum, dampening, decay": { optimizer: sgd({ momentum: 0.8, dampening: 0.3, weightDecay: 0.05 }), lr: 0.1 },
  "nesterov, decay": { optimizer: sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.05 }), lr: 0.05 },
  adam: { optimizer: adam(), lr: 0.01 },
  "adam, L2": { optimizer: adam({ beta1: 0.8, beta2: 0.95, eps: 1e-5, weightDecay: 0.1 }), lr: 0.01 },
  adamw: { optimizer: adamw(), lr: 0.01 },
  "adamw, all options": { optimizer: adamw({ beta1: 0.85, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 }), lr: 0.02 },
  "momentum, L1": { optimizer: l1(sgd({ momentum: 0.9 }), 0.03), lr: 0.05 },
  "adamw, L1": { optimizer: l1(adamw(), 0.1), lr: 0.01 },
  "adamw, groups": {
    optimizer: groups([
      { where: (_, shape) => shape.length >= 2, optimizer: adamw({ weightDecay: 0.1 }) },
      { where: () => true, optimizer: adamw({ weightDecay: 0 }), lrScale: 0.5 },
    ]),
    lr: 0.01,
  },
  "adamw, no decay for norms": {
    optimizer: noDecayForBiasesAndNorms(adamw, { beta2: 0.95, weightDecay: 0.1 }),
    lr: 0.01,
  },
  "momentum, norm at most 0.5": { optimizer: sgd({ momentum: 0.9 }), lr: 0.1, maxGradNorm: 0.5 },
  "momentum, values at most 0.1": { optimizer: sgd({ momentum: 0.9 }), lr: 0.1, maxGradValue: 0.1 },
  "adamw, norm at most 1, cosine": {
    optimizer: adamw({ weightDecay: 0.1 }),
    lr: 0.01,
    maxGradNorm: 1,
    schedule: schedules.cosine({ maxSteps: STEPS, warmupSteps: 4 }),
  },
};

/** Multiples of 1/64 and 1/512, so exact in float32: the gradients of a step; as step 0 of row + 3, the first weights. */
export function numbers(length: number, step: number, row: number): number[] {
  const size = step % 3 === 0 ? 1 : 1 / 8;
  return Array.from({ length }, (_, i) => ((((37 * i + 61 * step + 17 * row) % 101) - 50) / 64) * size);
}
