/**
 * The owner of a training run's memory: gradients are written into a state, and updates change it in place. Loss and
 * gradients are looked at before a weight is touched.
 */
import { clipScale } from "../optim/clip.ts";
import { keyOf } from "../random.ts";
import type { Values } from "../runtime/engine.ts";
import type { ProgramOptions } from "../runtime/program.ts";
import { createState, type Slice, type State } from "../runtime/state.ts";
import { openUpdates } from "./apply.ts";
import type { Carrier } from "./carrier.ts";
import { type Means, NonFinite, openGradients } from "./gradients.ts";
import { names, type Plan } from "./plan.ts";

export { NonFinite } from "./gradients.ts";

export interface LearnerOptions extends ProgramOptions {
  /** The most that the norm of all gradients together may be; larger ones are scaled down to it. */
  readonly maxGradNorm?: number;
  /** The most that one number of a gradient may be on either side of 0, after that. */
  readonly maxGradValue?: number;
  /** The most bytes in one memory: 4 GiB. */
  readonly maxBytes?: number;
}

/** Means over the batches, before the update. */
export interface StepResult extends Means {
  /** Before clipping. */
  readonly gradNorm: number;
}

export interface StepOptions {
  readonly lr: number;
  /** Of the random numbers drawn: a whole number below 2³², another at every step unless given. */
  readonly seed?: number;
}

export interface Learner extends AsyncDisposable {
  readonly state: State;
  /** What the next batch goes on from, by name, where state is carried from batch to batch: views. */
  readonly carried: Carrier["tensors"];
  /** Updates done; set it when a run is resumed. */
  step: number;
  /**
   * One update from a batch, or from the mean gradient of several, each with the same weight whatever it holds: batches
   * of equal size give what one large batch gives. Each of several draws other random numbers.
   * Throws a NonFinite error if a loss or a gradient is not a number: the weights are then as they were before.
   */
  update(batches: Values | readonly Values[], options: StepOptions): Promise<StepResult>;
  /**
   * The weights, or those that a program takes, under their names there: views, which an update changes. So a program
   * may read them between updates, not during one.
   */
  weights(program?: { readonly inputs: readonly { readonly name: string }[] }): Record<string, Slice>;
  close(): Promise<void>;
}

/**
 * Memory for a plan's parameters, all zero at first, and its programs opened.
 * Throws a RangeError for a limit that is not above 0, and what `createState` and `openProgram` throw.
 */
export async function openLearner(
  plan: Plan,
  { maxGradNorm = Infinity, maxGradValue = Infinity, maxBytes, ...options }: LearnerOptions = {},
): Promise<Learner> {
  for (const [name, x] of Object.entries({ maxGradNorm, maxGradValue }))
    if (!(x > 0)) throw new RangeError(`learner: ${name} must be above 0, got ${x}; leave it out not to clip`);
  const state = createState(parametersOf(plan), maxBytes === undefined ? {} : { maxBytes });
  const gradients = await openGradients(plan, state, options);
  const updates = await openUpdates(plan, state, options, gradients.tables);

  async function update(batches: readonly Values[], { lr, seed = keyOf(learner.step) }: StepOptions) {
    const step = learner.step + 1;
    if (batches.length === 0) throw new RangeError(`learner: step ${step} has no batch`);
    if (!(lr >= 0 && lr < Infinity)) throw new RangeError(`learner: step ${step} has the learning rate ${lr}`);
    const means = await gradients.sum(step, batches, seed);
    const gradNorm = updates.gradientNorm() / batches.length;
    if (!Number.isFinite(gradNorm))
      throw new NonFinite(step, `the loss is ${means.loss} and the gradient's norm ${gradNorm}`);
    const scale = clipScale(gradNorm, maxGradNorm) / batches.length;
    await updates.apply({ lr, t: step, scale, limit: maxGradValue });
    learner.step = step;
    return { ...means, gradNorm };
  }

  let underWay = false;
  const weights = new Map([...state.array("weight")].map(([name, slice]) => [names.parameter(name), slice]));
  const close = async () => {
    await gradients.close();
    await updates.close();
    state.close();
  };
  const learner: Learner = {
    state,
    carried: gradients.carried.tensors,
    step: 0,
    close,
    [Symbol.asyncDispose]: close,
    weights(program) {
      const wanted = program?.inputs.map(({ name }) => name) ?? [...weights.keys()];
      return Object.fromEntries(wanted.flatMap((name) => (weights.has(name) ? [[name, weights.get(name)!]] : [])));
    },
    async update(batches, options) {
      if (underWay) throw new Error(`learner: step ${learner.step + 1} is still under way; await it before the next`);
      underWay = true;
      try {
        return await update(Array.isArray(batches) ? batches : [batches], options);
      } finally {
        underWay = false;
      }
    },
  };
  return learner;
}

/** What a state holds for each of a plan's parameters. */
export const parametersOf = ({ parameters, updates }: Plan) =>
  parameters.map(({ name, dims, update }) => ({
    name,
    dims,
    arrays: update === undefined ? ["weight"] : ["weight", ...updates[update]!.slots, "grad"],
  }));
