/** What `--data`, `--validation` and `--tokenizer` name, opened. */
import { statSync } from "node:fs";
import { readText } from "../data/index.ts";
import type { TextData } from "../tasks/index.ts";
import {
  byteTokenizer,
  loadTokenizer,
  type Tokenizer,
  trainCharTokenizer,
  trainWordTokenizer,
} from "../tokenizers/index.ts";
import { fingerprintFile } from "../train/fingerprint.ts";
import type { DataFiles } from "../train/run-files.ts";
import { UserError } from "./errors.ts";

export interface TextOptions {
  readonly data: readonly string[];
  /** Files, or a fraction of the training text. */
  readonly validation?: readonly string[];
  readonly encoding?: string;
  readonly encodingErrors?: "strict" | "replace";
}

export interface TextFiles {
  /** Each call reads the files anew. */
  readonly data: () => TextData;
  readonly files: DataFiles;
  /** All of the text, a piece at a time. */
  readonly text: () => AsyncIterable<string>;
}

/** Throws where a file cannot be read, is empty or binary; every byte of a text is checked as it is read. */
export function textFiles({
  data,
  validation = [],
  encoding = "utf-8",
  encodingErrors = "strict",
}: TextOptions): TextFiles {
  const read = (paths: readonly string[]) => readText(paths, { encoding, fatal: encodingErrors === "strict" });
  const [first, ...others] = validation;
  const fraction = others.length === 0 && first !== undefined && !isFile(first) ? Number(first) : undefined;
  if (fraction !== undefined && !(fraction >= 0 && fraction < 1))
    throw new UserError(`--validation: "${first}" is neither a file nor a fraction in [0, 1)`);
  const apart = fraction === undefined && first !== undefined;
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

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** "char", "byte", "word": made for the text; else a folder with tokenizer.json. */
export async function openTokenizer(name: string, text: () => AsyncIterable<string>): Promise<Tokenizer> {
  if (name === "char") return trainCharTokenizer(text());
  if (name === "byte") return byteTokenizer();
  if (name === "word") return trainWordTokenizer(text(), { minFrequency: 2 });
  return loadTokenizer(name);
}
