/** What a run's folder begins with: settings, `config.json`, `generation_config.json`. */
import { basename, resolve } from "node:path";
import type { Json, JsonObject } from "../formats/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { type Fingerprint, fingerprintText } from "./fingerprint.ts";
import type { Prepared } from "./prepare.ts";
import type { RunSettings } from "./run-settings.ts";

/** The folder within a run's that holds the target's tokenizer, where it is another: transformers' `subfolder`. */
export const TARGET_TOKENIZER = "target_tokenizer";

/** A text model's defaults where it speaks: drawn, a little sharper than it learned. */
const SPEAKING = { do_sample: true, temperature: 0.8, max_new_tokens: 200 };

export const generationFile = (tokenizer: Tokenizer, said: object = SPEAKING): JsonObject => ({
  ...said,
  ...tokenIds(tokenizer),
});

/** `config.json`: the network, its head, and which ids begin, end and pad a text (null: none does). */
export const configFile = ({ spec, headName }: Prepared, tokenizer: Tokenizer): JsonObject =>
  ({
    ...spec.rest,
    ...spec.config,
    ...tokenIds(tokenizer),
    architectures: [headName],
    model_type: spec.architecture.spec.modelType,
    dtype: "float32",
    torch_dtype: "float32", // what transformers before 4.56 reads
  }) as JsonObject;

function tokenIds({ specialTokens, tokenToId }: Tokenizer): JsonObject {
  const id = (role: "bos" | "eos" | "pad") => {
    const token = specialTokens[role];
    return token === undefined ? null : (tokenToId(token) ?? null);
  };
  return { bos_token_id: id("bos"), eos_token_id: id("eos"), pad_token_id: id("pad") };
}

/** What a run knows its data by, for each part: "train", "validation". */
export type DataFiles = Readonly<Record<string, readonly Fingerprint[]>>;

interface Described {
  readonly base?: string | undefined;
  readonly tokenizer: Tokenizer;
  readonly task: {
    readonly name: string;
    readonly settings: Readonly<Record<string, Json>>;
    readonly targetTokenizer?: Tokenizer;
  };
  readonly dataFiles: DataFiles;
  readonly threads?: number | undefined;
  readonly device?: string | undefined;
}

const known = (tokenizer: Tokenizer) => ({
  vocab_size: tokenizer.vocabSize,
  sha256: fingerprintText(JSON.stringify(tokenizer.toJson())).sha256,
});

export const settingsFile = (
  prepared: Prepared,
  { base, tokenizer, task, dataFiles, threads, device }: Described,
): RunSettings => ({
  model: configFile(prepared, task.targetTokenizer ?? tokenizer),
  ...(base !== undefined && { base: basename(resolve(base)) }),
  task: { name: task.name, ...task.settings },
  tokenizer: known(tokenizer),
  ...(task.targetTokenizer && { targetTokenizer: known(task.targetTokenizer) }),
  data: Object.fromEntries(
    Object.entries(dataFiles).map(([part, files]) => [part, files.map((file) => ({ ...file }))]),
  ),
  training: { ...prepared.settings },
  ...(threads !== undefined && { threads }),
  ...(device !== undefined && { device }),
});
