/** What `--data`, `--validation` and `--tokenizer` name, opened. */
import { statSync } from "node:fs";
import { checkTextFiles, readText } from "../data/index.ts";
import { folderTokenizer } from "../hub/index.ts";
import type { TextData } from "../tasks/index.ts";
import {
  byteTokenizer,
  type SpecialTokens,
  type Tokenizer,
  trainCharTokenizer,
  trainWordTokenizer,
} from "../tokenizers/index.ts";
import { fingerprintFile } from "../train/fingerprint.ts";
import type { DataFiles } from "../train/run-files.ts";
import { UserError } from "./errors.ts";
import { toyOf, toyTextFiles } from "./toy-data.ts";

export interface TextOptions {
  readonly data: readonly string[];
  /** Files, or a fraction of the training text. */
  readonly validation?: readonly string[];
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

export interface TextFiles {
  /**
   * Each call reads the files anew. Generated texts know the least loss of models that read one character at a time, in
   * blocks of so many.
   */
  readonly data: (charactersInBlock?: number) => TextData;
  readonly files: DataFiles;
  /** All of the text, a piece at a time. */
  readonly text: () => AsyncIterable<string>;
}

/** Throws where a file cannot be read or is empty; every byte of a text is checked as it is read. */
export async function textFiles({
  data,
  validation = [],
  encoding = "utf-8",
  encodingErrors = "strict",
  signal,
}: TextOptions): Promise<TextFiles> {
  const toy = toyOf({ data, ...(validation.length > 0 && { validation }) });
  if (toy !== undefined) return toyTextFiles(toy);
  const read = async function* (paths: readonly string[]) {
    for await (const piece of readText(paths, { encoding, fatal: encodingErrors === "strict" })) {
      signal?.throwIfAborted();
      yield piece;
    }
  };
  const [first, ...others] = validation;
  const fraction = others.length === 0 && first !== undefined && !isFile(first) ? fractionOf(first) : undefined;
  if (fraction !== undefined && !(fraction >= 0 && fraction < 1))
    throw new UserError(`--validation: "${first}" is neither a file nor a fraction in [0, 1)`);
  const apart = fraction === undefined && first !== undefined;
  await checkTextFiles(apart ? [...data, ...validation] : data);
  return {
    data: () => ({
      train: read(data),
      ...(fraction !== undefined && { validation: fraction }),
      ...(apart && { validation: read(validation) }),
    }),
    files: { train: data.map(fingerprintFile), ...(apart && { validation: validation.map(fingerprintFile) }) },
    text: () => read(apart ? [...data, ...validation] : data),
  };
}

const fractionOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));
const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

export interface NewTokenizer {
  readonly specialTokens?: SpecialTokens;
  /** Of words: rarer ones are unknown. */
  readonly minFrequency?: number | undefined;
  /** Of words. */
  readonly lowercase?: boolean | undefined;
}

/** "char", "byte", "word": made for the text; else a folder with tokenizer.json, or an adapter's. */
export async function openTokenizer(
  name: string,
  text: () => AsyncIterable<string>,
  { specialTokens = {}, minFrequency = 2, lowercase = false }: NewTokenizer = {},
): Promise<Tokenizer> {
  if (name === "char") return trainCharTokenizer(text(), { specialTokens });
  if (name === "byte") return byteTokenizer({ specialTokens });
  if (name === "word") return trainWordTokenizer(text(), { minFrequency, lowercase, specialTokens });
  return folderTokenizer(name);
}
