/** `trainformer inspect FOLDER --text T`: what happens inside of a model, as figures that stand alone. */
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

interface Options {
  readonly text?: string;
  readonly gradientThroughTime?: true;
  readonly activity?: true;
  readonly alignment?: true;
  readonly target?: string;
  readonly out?: string;
}

/** What is looked at, and where its figure goes. */
export interface Asked {
  readonly folder: ModelFolder;
  readonly tokenizer: Tokenizer;
  readonly ids: readonly number[];
  readonly text: string;
  /** What should be written for it. */
  readonly target?: string | undefined;
  readonly out: string;
  readonly options: ProgramOptions;
  readonly seed: number;
}

/** What it found: a figure, a record for --json, a table for people. */
export interface Found {
  readonly svg: string;
  readonly record: object;
  readonly rows: readonly (readonly string[])[];
}

/** One for each flag: the figure's name in the folder's `inspect`, and what draws it. */
const looks = {
  gradientThroughTime: async (asked: Asked) => (await import("../inspect/gradient-through-time.ts")).look(asked),
  activity: async (asked: Asked) => (await import("../inspect/activity.ts")).look(asked),
  alignment: async (asked: Asked) => (await import("../inspect/alignment.ts")).look(asked),
} satisfies Record<string, (asked: Asked) => Promise<Found>>;
type Look = keyof typeof looks;
const fileNames: Readonly<Record<Look, string>> = {
  gradientThroughTime: "gradient-through-time.svg",
  activity: "activity.svg",
  alignment: "alignment.svg",
};

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder")
    .option("--text <text>", "what the model reads")
    .option("--gradient-through-time", "how much of a gradient is left so many steps back, before and after training")
    .option("--activity", "gates and states of recurrent units, token by token")
    .option("--alignment", "which words are read for each word that is written")
    .option("--target <text>", "with --alignment: what should be written (default: what the model writes)")
    .option("--out <file>", "the figure, .svg or .html (default: an SVG in the folder)")
    .addHelpText(
      "after",
      '\nExample:\n  $ trainformer inspect runs/book --text "It was the best of times" --gradient-through-time',
    );
}

export async function run([path]: readonly string[], given: Options, context: Context) {
  const wanted = (Object.keys(looks) as Look[]).filter((name) => given[name]);
  if (wanted.length === 0)
    throw new UserError("inspect: there is nothing to look at", {
      remedy: "add --gradient-through-time, --activity or --alignment",
    });
  if (given.out !== undefined && wanted.length > 1)
    throw new UserError("--out names one figure, and several are asked for", {
      remedy: "leave it out, or ask for one",
    });
  if (!given.text) throw new UserError("--text is missing", { remedy: 'say what the model reads: --text "To be"' });
  const device = await askedDevice(context.device);
  const { openFolder } = await import("../../hub/index.ts");
  const { loadTokenizer } = await import("../../tokenizers/index.ts");
  using folder = await checked(() => openFolder(path!));
  const tokenizer = await checked(() => loadTokenizer(path!));
  const ids = [...(await checked(() => tokenizer.encodeIds(given.text!)))];
  for (const name of wanted) {
    const out = given.out ?? join(path!, fileNames[name]);
    const options = { ...(context.threads !== undefined && { threads: context.threads }), ...device };
    const { svg, record, rows } = await checked(() =>
      looks[name]({
        ...{ folder, tokenizer, ids, out, options, seed: context.seed ?? 0 },
        ...{ text: given.text!, target: given.target },
      }),
    );
    await checked(() =>
      writeFileAtomic(out, isPage(out) ? figurePage(svg, { title: path!, subtitle: given.text! }) : svg),
    );
    context.result({ figure: basename(out, extname(out)), path: out, ...record });
    context.print(table(rows, `l${"r".repeat((rows[0]?.length ?? 1) - 1)}`));
    context.log(`saved in ${out}`);
  }
  return undefined;
}

const isPage = (file: string): boolean => [".html", ".htm"].includes(extname(file).toLowerCase());
