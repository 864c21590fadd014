/** `inspect --step-cost`: time and memory of a training step by the length of its sequences, for one model or several. */
import { availableParallelism } from "node:os";
import { openFolder } from "../../hub/index.ts";
import { checkStepCost, type StepCost, stepCostSvg, stepCosts } from "../../inspect/index.ts";
import { countParams } from "../../nn/index.ts";
import { flushDenormals } from "../../runtime/denormals.ts";
import type { Found, Opened } from "../commands/inspect.ts";
import { bytes, compact, count } from "../ui/words.ts";
import { namesOf } from "./names.ts";

export async function look({ folder, options, seed, lengths, beside = [] }: Opened): Promise<Found> {
  const { threads: most, ...device } = options;
  const threads = [...new Set([1, most || (device.device === "wasm" ? 1 : availableParallelism())])]; // wasm has one
  if (device.device !== "wasm") await flushDenormals(); // as the worker does that trains
  const nameOf = namesOf([folder.path, ...beside]);
  const models: Measured[] = [];
  const measure = async ({ path, spec, headName, model }: Opened["folder"]) => {
    const costs = await stepCosts(spec, headName, { ...device, threads, seed, ...(lengths && { lengths }) });
    models.push({ name: nameOf(path), parameters: countParams(model), costs });
  };
  for (const path of beside) {
    using other = openFolder(path);
    checkStepCost(other.spec, other.headName, lengths);
  }
  await measure(folder);
  for (const path of beside) {
    using other = openFolder(path);
    await measure(other);
  }
  return {
    svg: stepCostSvg(models, threads),
    record: { threads, models: models.map(({ costs, ...model }) => ({ ...model, costs: costs.map(recordOf) })) },
    rows: [
      ["", "tokens", ...threads.map((n) => `ms, ${n === 1 ? "1 thread" : `${n} threads`}`), "memory", "in a row"],
      ...models.flatMap(({ name, parameters, costs }) =>
        costs.map(({ time, ms, activations, inARow }, i) => [
          i === 0 ? `${name} (${compact(parameters)})` : "",
          ...[String(time), ...ms.map((each) => each.toFixed(1)), bytes(activations), count(inARow)],
        ]),
      ),
    ],
  };
}

const recordOf = ({ inARow, ...cost }: StepCost) => ({ ...cost, in_a_row: inARow });

interface Measured {
  readonly name: string;
  readonly parameters: number;
  readonly costs: readonly StepCost[];
}
