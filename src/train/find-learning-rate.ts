/**
 * The learning-rate finder: the rate grows by the same factor from step to step until the loss diverges (Smith 2017,
 * "Cyclical learning rates for training neural networks", arXiv:1506.01186, §3.3). Nothing is written.
 */
import { prepare } from "./prepare.ts";
import { openRemote } from "./remote.ts";
import { workOf } from "./run.ts";
import { seedOf } from "./settings.ts";
import type { TrainOptions } from "./train.ts";

export interface RateTried {
  readonly step: number;
  readonly learning_rate: number;
  readonly loss: number;
}

interface Range {
  readonly from?: number;
  readonly to?: number;
  readonly steps?: number;
}

const DIVERGED = 4; // times the lowest loss

/** Each rate with the loss before its update. Ends at `to`, or where the loss is far above the lowest or no number. */
export async function* tryLearningRates<Data>(
  options: TrainOptions<Data>,
  { from = 1e-7, to = 1, steps = 100 }: Range = {},
): AsyncGenerator<RateTried> {
  const prepared = await prepare(options);
  const { dataset, settings } = prepared;
  const owner = openRemote(workOf(prepared, options));
  let lowest = Number.POSITIVE_INFINITY;
  try {
    for (let step = 1; step <= steps; step++) {
      options.signal?.throwIfAborted();
      const lr = from * (to / from) ** ((step - 1) / (steps - 1));
      const batches = await dataset.batches(step, settings.gradientAccumulationSteps);
      const { loss } = await owner.update(batches, { lr, seed: seedOf(settings, step) });
      yield { step, learning_rate: lr, loss };
      lowest = Math.min(lowest, loss);
      if (loss > DIVERGED * lowest) return;
    }
  } catch (error) {
    if ((error as Error).name !== "NonFinite") throw error; // it diverged, which is what was asked
  } finally {
    owner.stop();
    await owner.close();
    dataset.close?.();
  }
}
