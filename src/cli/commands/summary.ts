/** `trainformer summary MODEL`: what a model is made of and what it costs, before anything runs. */
import type { Command } from "commander";
import type { AdapterSummary } from "../../hub/index.ts";
import type { Part, Summary } from "../../inspect/summary.ts";
import type { Context } from "../context.ts";
import { checked } from "../errors.ts";
import { chooseModel, headOf, type ModelOptions, modelOptions } from "../model-choice.ts";
import type { Paint } from "../ui/paint.ts";
import { table } from "../ui/table.ts";
import { bytes, compact, count, operations } from "../ui/words.ts";
import { wholeNumber } from "../values.ts";

interface SummaryOptions extends ModelOptions {
  readonly task?: string;
  readonly batchSize?: number;
  readonly blockSize?: number;
}

export function describe(command: Command): void {
  modelOptions(command.argument("<model>", "a model folder, or a type such as gpt2"))
    .option("--task <name>", "what it is for, where it can be built for several tasks")
    .option("--batch-size <n>", "sequences in a training step (default: 1)", wholeNumber({ low: 1 }))
    .option(
      "--block-size <n>",
      "positions in a sequence (default: as many as it takes, at most 1024)",
      wholeNumber({ low: 2 }),
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ trainformer summary gpt2 --set n_layer=4 n_head=4 n_embd=128 --batch-size 12 --block-size 64",
    );
}

export async function run([model]: readonly string[], options: SummaryOptions, context: Context) {
  const { summarize } = await import("../../inspect/summary.ts");
  const { batchSize: batch, blockSize: time } = options;
  const { summary, adapter } = await checked(async () => {
    const { spec, folder } = await chooseModel(model!, options);
    const { summarizeAdapter } = await import("../../hub/index.ts");
    const adapter = folder === undefined ? undefined : summarizeAdapter(folder, spec, options.task);
    const head = adapter?.head ?? (await headOf(spec, options.task));
    return { adapter, summary: summarize(spec, head, { ...(batch && { batch }), ...(time && { time }) }) };
  });
  context.result({ ...summary, ...(adapter && { adapter }) });
  context.print(inWords(summary, context.output.paint, adapter));
  return undefined;
}

function inWords(summary: Summary, paint: Paint, adapter?: AdapterSummary): string {
  const { model_type, head, parameters, parts, batch, time, memory, flops } = summary;
  const title = `${paint("bold", model_type)} ${head}: ${paint("bold", count(parameters))} parameters (${compact(parameters)})`;
  const dim = (cells: readonly string[]) => cells.map((cell) => paint("dim", cell));
  const costs = [
    dim(["", "parameters", "gradients", "optimizer", "activations", "memory", "arithmetic"]),
    [
      `a training step, ${count(batch)} x ${count(time)}`,
      ...[memory.parameters, memory.gradients, memory.optimizer, memory.activations].map(bytes),
      paint("bold", bytes(memory.training)),
      paint("bold", operations(flops.training)),
    ],
    [
      `a forward pass, 1 x ${count(time)}`,
      bytes(memory.parameters),
      "",
      "",
      bytes(memory.inference - memory.parameters),
      paint("bold", bytes(memory.inference)),
      paint("bold", operations(flops.inference)),
    ],
  ];
  const rows = folded(parts).map(({ name, copies, shape, parameters: n }) => [
    name,
    copies > 1 ? `${copies} x` : "",
    shape.join(" x "),
    count(n),
    `${((100 * n) / parameters).toFixed(1)} %`,
  ]);
  return [
    title,
    ...(adapter ? [adapterLine(adapter)] : []),
    "",
    table([dim(["part", "", "shape", "parameters", ""]), ...rows], "lrlrr"),
    "",
    table(costs, "lrrrrrr"),
    "",
    paint(
      "dim",
      "Memory in float32 with Adam; activations are what the graph needs: the engine takes up to twice as much.",
    ),
  ].join("\n");
}

/** "with an adapter of rank 3 on 2 layers, merged; base models/gpt2". */
function adapterLine({ ranks, layers, whole, base }: AdapterSummary): string {
  const replaced = whole > 0 ? ` and ${whole} ${whole === 1 ? "parameter" : "parameters"} of its own` : "";
  const on = `of rank ${ranks.join(", ")} on ${layers} ${layers === 1 ? "layer" : "layers"}`;
  return `with an adapter ${on}${replaced}, merged; base ${base}`;
}

interface Folded extends Part {
  readonly copies: number;
}

/** Layers that repeat stand once: "h.0.ln_1.weight", "h.1.ln_1.weight" … as "h.0-11.ln_1.weight". */
function folded(parts: readonly Part[]): Folded[] {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const key = `${part.name.replace(/\.\d+(?=\.)/, ".*")} ${part.shape}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()].map((group) => {
    const [first, last] = [group[0]!, group.at(-1)!];
    const index = /(?<=\.)\d+(?=\.)/;
    const to = index.exec(last.name)?.[0];
    const name = group.length > 1 ? first.name.replace(index, (from) => `${from}-${to}`) : first.name;
    return { name, copies: group.length, shape: first.shape, parameters: group.length * first.parameters };
  });
}
