/** Where a run stands, from the events it has told so far. */
import type { StepEvent, TrainEvent } from "../../train/events.ts";

/** What is known of the run now. */
export interface Standing {
  readonly step: number;
  readonly maxSteps: number;
  /** Smoothed, of the batches. */
  readonly loss: number | undefined;
  /** The last one. */
  readonly validation: number | undefined;
  readonly tokensPerSecond: number | undefined;
  readonly learningRate: number | undefined;
  readonly secondsLeft: number | undefined;
}

export type Followed = ReturnType<typeof follow>;

/** `now` is in milliseconds. */
export function follow(now: () => number) {
  const started = now();
  const loss = runningMean(10);
  const pace = runningMean(10); // seconds a step
  let [best, isBest] = [Number.POSITIVE_INFINITY, false];
  let [maxSteps, validation] = [0, undefined as number | undefined];
  let last: { readonly step: number; readonly at: number; readonly event?: StepEvent } = { step: 0, at: started };
  return {
    seconds: () => (now() - started) / 1000,
    isBest: () => isBest,
    take(event: TrainEvent): void {
      if (event.event === "start") {
        maxSteps = event.max_steps;
        last = { step: event.step, at: now() };
      } else if (event.event === "step") {
        loss.add(event.loss);
        if (last.event && event.step > last.step) pace.add((now() - last.at) / 1000 / (event.step - last.step));
        last = { step: event.step, at: now(), event };
      } else if (event.event === "evaluation") {
        validation = event.loss;
        isBest = event.loss < best;
        best = Math.min(best, event.loss);
      }
    },
    standing(): Standing {
      const perStep = pace.value();
      const left = perStep === undefined ? undefined : (maxSteps - last.step) * perStep - (now() - last.at) / 1000;
      return {
        step: last.step,
        maxSteps,
        loss: loss.value(),
        validation,
        tokensPerSecond: last.event?.tokens_per_second,
        learningRate: last.event?.learning_rate,
        secondsLeft: left === undefined ? undefined : Math.max(0, left),
      };
    },
  };
}

/** The exponential moving average of about the last `window` numbers, without bias towards the start. */
function runningMean(window: number) {
  let [sum, weight] = [0, 0];
  return {
    add(x: number): void {
      [sum, weight] = [sum * (1 - 1 / window) + x, weight * (1 - 1 / window) + 1];
    },
    value: (): number | undefined => (weight === 0 ? undefined : sum / weight),
  };
}
