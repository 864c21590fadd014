/**
 * `trainformer compare RUN RUN…`: their losses in one figure, and a table of the settings that differ and of what came of
 * it. `trainformer compare bert albert …`: architectures of the same sizes.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { type Curve, curveOf } from "../../inspect/figures/curve.ts";
import type { By } from "../../inspect/figures/runs.ts";
import type { TrainEvent } from "../../train/events.ts";
import { differingSettings } from "../compare-settings.ts";
import type { Context } from "../context.ts";
import { checked, UserError } from "../errors.ts";
import { runCurves } from "../ui/curves.ts";
import type { Paint } from "../ui/paint.ts";
import { table } from "../ui/table.ts";
import { compact, count, duration, measure } from "../ui/words.ts";

interface CompareOptions {
  readonly by: By;
  readonly out?: string;
}

export function describe(command: Command): void {
  command
    .argument("<runs...>", "folders of runs, or registered model types")
    .addOption(
      new Option("--by <what>", "what the curves run over").choices(["step", "time", "tokens"]).default("step"),
    )
    .option("--out <file>", "write the runs' figure as SVG, over steps, time and tokens")
    .addHelpText(
      "after",
      "\nExamples:\n  $ trainformer compare runs/small runs/large --by time --out compare.svg\n  $ trainformer compare bert albert roberta",
    );
}

interface Run {
  readonly path: string;
  readonly name: string;
  readonly events: readonly TrainEvent[];
  readonly curve: Curve;
  /** Those that not all runs share; undefined where this one has none. */
  readonly settings: ReadonlyMap<string, unknown>;
}

export async function run(paths: readonly string[], { by, out }: CompareOptions, context: Context) {
  const { architectures } = await import("../../models/index.ts");
  if (paths.every((path) => architectures.has(path) && !existsSync(path))) {
    if (out !== undefined)
      throw new UserError("--out: it takes runs' curves; architectures are compared in the terminal", {
        remedy: "leave --out out, or take their numbers with --json",
      });
    const { compareModels } = await import("../compare-models.ts");
    await compareModels(paths, context);
    return undefined;
  }
  const runs = await checked(() => readRuns(paths));
  if (out !== undefined) {
    const [{ runsSvg }, { writeFileAtomic }] = await Promise.all([
      import("../../inspect/figures/runs.ts"),
      import("../../formats/index.ts"),
    ]);
    await checked(() => writeFileAtomic(out, runsSvg(runs)));
  }
  for (const run of runs) context.result(record(run));
  const { columns, paint } = context.output;
  context.print(runCurves(runs, by, columns, paint));
  context.print(`\n${rows(runs, paint)}`);
  if (out !== undefined) context.log(`saved in ${out}`);
  return undefined;
}

async function readRuns(paths: readonly string[]): Promise<Run[]> {
  const [{ readEvents }, { readRun }] = await Promise.all([
    import("../../train/events-file.ts"),
    import("../../train/run-folder.ts"),
  ]);
  const settings = differingSettings(paths.map(readRun));
  const names = paths.map((path) => basename(path));
  return paths.map((path, i) => {
    const events = readEvents(path);
    const curve = curveOf(events);
    if (curve.train.length === 0) throw new UserError(`${path}: no step of this run has been logged`);
    return {
      path,
      name: new Set(names).size === names.length ? names[i]! : path,
      events,
      curve,
      settings: settings[i]!,
    };
  });
}

const record = ({ path, settings, curve: { train, best } }: Run): object => {
  const { step, seconds, tokens, loss } = train.at(-1)!;
  return {
    run: path,
    settings: Object.fromEntries(settings),
    steps: step,
    seconds,
    tokens: Math.round(tokens),
    loss,
    ...(best && { best: { step: best.step, loss: best.loss } }),
  };
};

/** Settings, then results; a column for each run. */
function rows(runs: readonly Run[], paint: Paint): string {
  const lowest = Math.min(...runs.map(({ curve }) => curve.best?.loss ?? Number.POSITIVE_INFINITY));
  const row = (name: string, cell: (run: Run) => string) => [paint("dim", name), ...runs.map(cell)];
  const last = ({ curve }: Run) => curve.train.at(-1)!;
  const best = ({ curve: { best } }: Run) => {
    if (!best) return "-";
    const words = `${measure(best.loss)} at ${count(best.step)}`;
    return best.loss === lowest ? paint("green", words) : words;
  };
  const all = [
    ["", ...runs.map(({ name }) => paint("bold", name))],
    ...[...runs[0]!.settings.keys()].map((key) => row(key, ({ settings }) => inWords(settings.get(key)))),
    row("best validation loss", best),
    row("last training loss", (run) => measure(last(run).loss)),
    row("steps", (run) => count(last(run).step)),
    row("training time", (run) => duration(last(run).seconds)),
    row("tokens read", (run) => compact(last(run).tokens)),
  ];
  return table(all, `l${"r".repeat(runs.length)}`);
}

/** A hash by its beginning. */
const inWords = (value: unknown): string =>
  value === undefined
    ? "-"
    : typeof value === "string"
      ? value.replace(/^([0-9a-f]{8})[0-9a-f]{56}$/, "$1…")
      : JSON.stringify(value);
