/** Pairs of texts that a command line names, and the tokenizers of both sides. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Pairs, readAligned, readPairs } from "../data/index.ts";
import { tokenizerHome } from "../hub/index.ts";
import type { PairData } from "../tasks/index.ts";
import { loadTokenizer, type SpecialTokens, type Tokenizer } from "../tokenizers/index.ts";
import { fingerprintFile } from "../train/fingerprint.ts";
import { type DataFiles, TARGET_TOKENIZER } from "../train/run-files.ts";
import { UserError } from "./errors.ts";
import { openTokenizer } from "./text-data.ts";
import { toyOf, toyPairFiles } from "./toy-data.ts";

export interface PairOptions {
  readonly data?: readonly string[];
  readonly validation?: readonly string[];
  readonly source?: readonly string[];
  readonly target?: readonly string[];
  readonly columns?: string;
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}
export interface TokenizerOptions {
  readonly tokenizer?: string;
  readonly minFrequency?: number;
  readonly lowercase?: boolean;
}

export interface PairFiles {
  readonly data: PairData;
  readonly files: DataFiles;
}

/** Throws where a side is missing, files do not fit together, or `--validation` is neither files nor a fraction. */
export async function pairFiles(options: PairOptions): Promise<PairFiles> {
  const { data, source, target, validation } = options;
  const toy = data && toyOf({ data, ...(validation && { validation }) });
  if (toy !== undefined) return toyPairFiles(toy);
  if (!data && !(source && target))
    throw new UserError(source || target ? `--${source ? "target" : "source"} is missing` : "--data is missing", {
      remedy: "name aligned files, --source a.en --target a.de, or a file with columns, --data pairs.csv",
    });
  const train = await read(data ? [data] : [source!, target!], options);
  const held = validation && (await heldOut(validation, options));
  const files = { train: train.paths.map(fingerprintFile) };
  if (held === undefined) return { data: { train: train.pairs }, files };
  if (typeof held === "number") return { data: { train: train.pairs, validation: held }, files };
  return {
    data: { train: train.pairs, validation: held.pairs },
    files: { ...files, validation: held.paths.map(fingerprintFile) },
  };
}

interface ReadFiles {
  readonly pairs: Pairs;
  readonly paths: readonly string[];
}

/** One list of files has columns, two are the sides of aligned ones. */
async function read([first, second]: readonly (readonly string[])[], options: PairOptions): Promise<ReadFiles> {
  const text = { encoding: options.encoding ?? "utf-8", fatal: options.encodingErrors !== "replace" };
  if (second) return { pairs: await readAligned(first!, second, text), paths: [...first!, ...second] };
  const { columns, source, target } = options;
  const names = { source: source?.[0], target: target?.[0], columns: columns?.split(",") };
  return { pairs: await readPairs(first!, { ...text, ...names }), paths: first! };
}

async function heldOut(given: readonly string[], options: PairOptions): Promise<ReadFiles | number> {
  const names = given.flatMap((name) => name.split(","));
  const [first, ...others] = names;
  const fraction = others.length === 0 && !existsSync(first!) ? Number(first) : Number.NaN;
  if (fraction >= 0 && fraction < 1) return fraction;
  if (options.data) return read([names], options);
  if (names.length !== 2)
    throw new UserError(`--validation: "${given.join(" ")}" is neither two aligned files nor a fraction in [0, 1)`, {
      remedy: "write --validation a.en,a.de",
    });
  return read([[first!], [names[1]!]], options);
}

const SPECIAL: SpecialTokens = { unk: "<unk>", pad: "<pad>", bos: "<s>", eos: "</s>" };

/** The source's and the target's: words of each, unless told otherwise; a folder's own, or its one for both. */
export async function pairTokenizers(
  { train }: PairData,
  { tokenizer = "word", minFrequency = 2, lowercase = false }: TokenizerOptions,
): Promise<{ readonly tokenizer: Tokenizer; readonly targetTokenizer?: Tokenizer }> {
  const learn = (texts: readonly string[]) => {
    const lines = async function* () {
      for (const text of texts) yield `${text} `;
    };
    return openTokenizer(tokenizer, lines, { specialTokens: SPECIAL, minFrequency, lowercase });
  };
  if (tokenizer === "word" || tokenizer === "char")
    return { tokenizer: await learn(train.source), targetTokenizer: await learn(train.target) };
  if (tokenizer === "byte") return { tokenizer: await learn([]) }; // the same for every text
  return folderTokenizers(tokenizer);
}

export async function folderTokenizers(folder: string) {
  const home = await tokenizerHome(folder);
  const own = join(home, TARGET_TOKENIZER);
  return {
    tokenizer: await loadTokenizer(home),
    ...(existsSync(own) && { targetTokenizer: await loadTokenizer(own) }),
  };
}
