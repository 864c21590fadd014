/** `trainformer bench`: how fast training steps of known sizes are here. Beside PyTorch: `npm run bench` in a checkout. */
import type { Command } from "commander";
import { caseOf, cases, median, trainSteps } from "../cases.ts";
import type { Context } from "../context.ts";
import { chooseDevice } from "../device.ts";
import { table } from "../ui/table.ts";
import { compact, measure } from "../ui/words.ts";
import { wholeNumber } from "../values.ts";

interface BenchOptions {
  readonly steps?: number;
}

export function describe(command: Command): void {
  command
    .argument("[cases...]", `training steps to time: ${Object.keys(cases).join(", ")} (default: gpt_tiny and gpt_cpu)`)
    .option("--steps <n>", "how many steps to time, after a few that are not", wholeNumber({ low: 1 }))
    .addHelpText(
      "after",
      "\nIn a checkout, `npm run bench -- gpt_cpu --peer torch` times PyTorch beside it.\n\nExample:\n  $ trainformer bench gpt_cpu --threads 2",
    );
}

export async function run(names: readonly string[], { steps }: BenchOptions, context: Context) {
  const wanted = (names.length > 0 ? names : ["gpt_tiny", "gpt_cpu"]).map((name) => [name, caseOf(name)] as const);
  const { device } = await chooseDevice(context.device);
  const { threads, signal } = context;
  const options = { device, signal, ...(threads !== undefined && { threads }) };
  const rows = [["", "a step", "", "last loss"]];
  for (const [name, given] of wanted) {
    context.log(`${name} …`);
    const timed: number[] = [];
    let [done, last] = [0, 0];
    for await (const { ms, loss } of trainSteps(given, given.warm + (steps ?? given.steps), options)) {
      if (++done > given.warm) timed.push(ms);
      last = loss;
    }
    const ms = median(timed);
    const tokens_per_second = (1000 * given.batch * given.time) / ms;
    context.result({ case: name, device, ms, tokens_per_second, loss: last });
    rows.push([name, `${ms.toFixed(1)} ms`, `${compact(tokens_per_second)} tokens/s`, measure(last)]);
  }
  context.print(table(rows, "lrrr"));
  return undefined;
}
