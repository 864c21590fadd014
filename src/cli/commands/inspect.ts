/** `trainformer inspect FOLDER`: what happens inside of a model, and what it costs, as figures that stand alone. */
import { basename, extname, join } from "node:path";
import type { Command } from "commander";
import { writeFileAtomic } from "../../formats/index.ts";
import type { ModelFolder } from "../../hub/index.ts";
import { figurePage } from "../../inspect/figures/page.ts";
import type { ProgramOptions } from "../../runtime/program.ts";
import type { Tokenizer } from "../../tokenizers/index.ts";
import type { Context } from "../context.ts";
import { askedDevice } from "../device.ts";
import { checked, UserError } from "../errors.ts";
import { table } from "../ui/table.ts";
import { wholeNumber } from "../values.ts";

interface Options {
  readonly text?: string;
  readonly gradientThroughTime?: true;
  readonly activity?: true;
  readonly alignment?: true;
  readonly target?: string;
  readonly stepCost?: true;
  readonly lengths?: readonly number[];
  readonly beside?: readonly string[];
  readonly out?: string;
}

/** What is looked at, and where its figure goes. */
export interface Opened {
  readonly folder: ModelFolder;
  readonly out: string;
  readonly options: ProgramOptions;
  readonly seed: number;
  /** For the cost of a step: of sequences so long. */
  readonly lengths?: readonly number[] | undefined;
  /** The models in these folders, too, where a figure shows several. */
  readonly beside?: readonly string[] | undefined;
}

/** With what the model reads. */
export interface Asked extends Opened, Reading {}
interface Reading {
  readonly tokenizer: Tokenizer;
  readonly ids: readonly number[];
  readonly text: string;
  /** What should be written for it. */
  readonly target?: string | undefined;
}

/** What it found: a figure, a record for --json, a table for people. */
export interface Found {
  readonly svg: string;
  readonly record: object;
  readonly rows: readonly (readonly string[])[];
}

/** One for each flag: what draws it; these of what happens while a text is read, */
const ofText = {
  gradientThroughTime: async (asked: Asked) => (await import("../inspect/gradient-through-time.ts")).look(asked),
  activity: async (asked: Asked) => (await import("../inspect/activity.ts")).look(asked),
  alignment: async (asked: Asked) => (await import("../inspect/alignment.ts")).look(asked),
} satisfies Record<string, (asked: Asked) => Promise<Found>>;
/** these of the model itself. */
const ofModel = {
  stepCost: async (opened: Opened) => (await import("../inspect/step-cost.ts")).look(opened),
} satisfies Record<string, (opened: Opened) => Promise<Found>>;
type Look = keyof typeof ofText | keyof typeof ofModel;
const isOfText = (name: Look): name is keyof typeof ofText => name in ofText;
/** Where it is saved in the folder. */
const fileNames: Readonly<Record<Look, string>> = {
  gradientThroughTime: "gradient-through-time.svg",
  activity: "activity.svg",
  alignment: "alignment.svg",
  stepCost: "step-cost.svg",
};

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder")
    .option("--text <text>", "what the model reads")
    .option("--gradient-through-time", "how much of a gradient is left so many steps back, before and after training")
    .option("--activity", "gates and states of recurrent units, token by token")
    .option("--alignment", "which words are read for each word that is written")
    .option("--target <text>", "with --alignment: what should be written (default: what the model writes)")
    .option("--step-cost", "time and memory of a training step by the length of its sequences; reads no text")
    .option("--lengths <list>", "with --step-cost: tokens in a sequence, as 16,32,64 (default: up to 256)", lengths)
    .option("--beside <folders...>", "with --gradient-through-time, --step-cost: models that are shown beside this one")
    .option("--out <file>", "the figure, .svg or .html (default: an SVG in the folder)")
    .addHelpText(
      "after",
      '\nExample:\n  $ trainformer inspect runs/book --text "It was the best of times" --gradient-through-time',
    );
}

export async function run([path]: readonly string[], given: Options, context: Context) {
  const wanted = (Object.keys(fileNames) as Look[]).filter((name) => given[name]);
  checkOptions(wanted, given);
  const device = await askedDevice(context.device);
  const { openFolder } = await import("../../hub/index.ts");
  using folder = await checked(() => openFolder(path!));
  const reading = wanted.some(isOfText) ? await readingOf(path!, given) : undefined;
  for (const name of wanted) {
    const out = given.out ?? join(path!, fileNames[name]);
    const options = { ...(context.threads !== undefined && { threads: context.threads }), ...device };
    const opened = { folder, out, options, seed: context.seed ?? 0, lengths: given.lengths, beside: given.beside };
    const { svg, record, rows } = await checked(() =>
      isOfText(name) ? ofText[name]({ ...opened, ...reading! }) : ofModel[name](opened),
    );
    const subtitle = isOfText(name) ? given.text! : "";
    await checked(() => writeFileAtomic(out, isPage(out) ? figurePage(svg, { title: path!, subtitle }) : svg));
    context.result({ figure: basename(fileNames[name], ".svg"), path: out, ...record });
    context.print(table(rows, `l${"r".repeat((rows[0]?.length ?? 1) - 1)}`));
    context.log(`saved in ${out}`);
  }
  return undefined;
}

/** Throws a UserError where the command line asks for nothing, or for what does not go together. */
function checkOptions(wanted: readonly Look[], given: Options): void {
  if (wanted.length === 0)
    throw new UserError("inspect: there is nothing to look at", {
      remedy: "add --gradient-through-time, --activity, --alignment or --step-cost",
    });
  if (given.out !== undefined && wanted.length > 1)
    throw new UserError("--out names one figure, and several are asked for", {
      remedy: "leave it out, or ask for one",
    });
  if (given.out !== undefined && extname(given.out).toLowerCase() !== ".svg" && !isPage(given.out))
    throw new UserError(`--out: ${given.out} is no name of a figure`, { remedy: "end it in .svg, .html or .htm" });
  if (given.lengths && !given.stepCost)
    throw new UserError("--lengths says nothing without --step-cost", { remedy: "add it, or leave this out" });
  if (given.text !== undefined && !wanted.some(isOfText))
    throw new UserError("--text says nothing to --step-cost", { remedy: "leave it out" });
  if (given.target !== undefined && !given.alignment)
    throw new UserError("--target says nothing without --alignment", { remedy: "add it, or leave this out" });
  if (given.beside && !given.stepCost && !given.gradientThroughTime)
    throw new UserError("--beside says nothing without --gradient-through-time or --step-cost", {
      remedy: "add one, or leave this out",
    });
  if (wanted.some(isOfText) && !given.text)
    throw new UserError("--text is missing", { remedy: 'say what the model reads: --text "To be"' });
}

async function readingOf(path: string, { text, target }: Options): Promise<Reading> {
  const { folderTokenizer } = await import("../../hub/index.ts");
  const tokenizer = await checked(() => folderTokenizer(path));
  return { tokenizer, ids: [...(await checked(() => tokenizer.encodeIds(text!)))], text: text!, target };
}

/** "16,32,64", given once or several times: each once, sorted. */
const lengths = (text: string, before: readonly number[] = []): number[] =>
  [...new Set([...before, ...text.split(",").map(wholeNumber({ low: 2 }))])].sort((a, b) => a - b);

const isPage = (file: string): boolean => [".html", ".htm"].includes(extname(file).toLowerCase());
