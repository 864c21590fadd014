/** `train --find-learning-rate`: rising rates for a hundred steps, a figure, and a suggestion. */
import { writeFileAtomic } from "../formats/index.ts";
import { lrFinderSvg, suggestLearningRate } from "../inspect/figures/index.ts";
import { type RateTried, tryLearningRates } from "../train/find-learning-rate.ts";
import type { TrainOptions } from "../train/index.ts";
import type { Context } from "./context.ts";
import { Status, UserError } from "./errors.ts";
import { measure } from "./ui/words.ts";

const FILE = "learning-rate.svg";
const STEPS = 100;

export async function findLearningRate<Data>(wanted: TrainOptions<Data>, context: Context): Promise<number> {
  const tried: RateTried[] = [];
  try {
    for await (const point of tryLearningRates(wanted, { steps: STEPS })) {
      tried.push(point);
      context.result({ event: "rate", ...point });
      const line = `step ${point.step}/${STEPS}  learning rate ${point.learning_rate.toExponential(1)}  loss ${measure(point.loss)}`;
      if (context.terminal.interactive) context.terminal.pin(() => line);
      else if (point.step % 10 === 0) context.log(line);
    }
  } catch (error) {
    throw tried.length > 0 ? error : new UserError((error as Error).message, { cause: error });
  } finally {
    context.terminal.pin(undefined);
  }
  const suggested = suggestLearningRate(tried);
  writeFileAtomic(FILE, lrFinderSvg(tried));
  context.result({ event: "suggestion", ...(suggested !== undefined && { learning_rate: suggested }), path: FILE });
  context.print(
    suggested === undefined
      ? `The loss fell at no rate that was tried; see ${FILE}.`
      : `The loss falls fastest at ${suggested.toExponential(1)}: --learning-rate ${Number(suggested.toPrecision(1))}. See ${FILE}.`,
  );
  return Status.done;
}
