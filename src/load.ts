/** `load`: a Hugging Face folder as a model that runs, under the names of Hugging Face's forward. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EmbedOptions, openEmbedder } from "./embed.ts";
import {
  type GeneratedText,
  type GenerateOptions,
  generateText,
  generateTexts,
  openDecoder,
  type TextEnd,
} from "./generate/index.ts";
import type { Arrays } from "./host.ts";
import {
  type FolderOptions,
  freshWarning,
  type ModelFolder,
  openFolder,
  sentenceSettings,
  tokenizerHome,
} from "./hub/index.ts";
import { type Outputs, openRunner, type RunOptions } from "./runner.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { count } from "./tensor/dtype.ts";
import { hasTokenizer, loadTokenizer, type Tokenizer } from "./tokenizers/index.ts";
import { TARGET_TOKENIZER } from "./train/run-files.ts";
import { translate, type WrittenText } from "./translate.ts";

export interface LoadedModel extends AsyncDisposable {
  /** `config.json`'s fields that shape the network, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The task head's class name. */
  readonly architecture: string;
  /** Tensors of the file that only other heads of the architecture have, and this one passes over. */
  readonly unused: readonly string[];
  /** Parameters that the file lacks, since it was made for another head: they are drawn by chance. */
  readonly fresh: readonly string[];
  /** Undefined where the folder has none. */
  readonly tokenizer: Tokenizer | undefined;
  /** Of what an encoder-decoder writes; the same where it has none of its own. */
  readonly targetTokenizer: Tokenizer | undefined;
  /**
   * One forward pass, without dropout. Inputs by Hugging Face's names, as nested arrays or { data, dims }: input_ids
   * [batch, time], attention_mask [batch, time] … Gives { logits, loss? } and, if asked for, hidden_states.0 …,
   * attentions.0 …; throws a TypeError for an input that is unknown or does not fit. Where a mask hides every key from a
   * query, all keys weigh the same.
   */
  run(inputs: Readonly<Record<string, Arrays>>, options?: RunOptions): Promise<Outputs>;
  /** Pieces of text that continue the prompt, as they come, and at last what was generated. Throws where the folder has no tokenizer. */
  generate(prompt: string, options?: GenerateOptions): AsyncGenerator<string, TextEnd>;
  /**
   * Whole texts behind several prompts at once: for each prompt `numReturnSequences` of them, with `numBeams` the best,
   * best first, and their scores.
   */
  generateTexts(prompts: readonly string[], options?: GenerateOptions): Promise<GeneratedText[][]>;
  /**
   * What the folder's task says of each text, in their order: for a task that reads one text and writes another
   * { text, output }. Throws where the folder's head has no such task, or there is no tokenizer.
   */
  predict(texts: readonly string[], options?: GenerateOptions): Promise<WrittenText[]>;
  /** The same as it comes. */
  predictEach(texts: readonly string[], options?: GenerateOptions): AsyncGenerator<WrittenText>;
  /**
   * A vector for each text, in their order: the states of its tokens, pooled as the folder's `modules.json` says, else
   * their mean. Throws where there is no tokenizer.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
  close(): Promise<void>;
}

export type { Outputs, RunOptions } from "./runner.ts";

const FROZEN_BYTES = 2 ** 28; // smaller models decode from a copy of their weights inside the program, which is faster

/** Tasks whose heads give the next token's logits. */
const WRITING: ReadonlySet<string> = new Set(["language-modeling", "translation"]);

/**
 * Reads a folder whole: configuration, weights, tokenizer. Throws an Error that says what is wrong with it. A `task` for
 * which it was not made, such as "feature-extraction" for the states of its tokens, begins with fresh parameters where the
 * file has none: a warning of the process names them.
 */
export async function load(
  path: string,
  { task: wanted, head, seed, ...options }: ProgramOptions & FolderOptions = {},
): Promise<LoadedModel> {
  using folder = openFolder(path, {
    ...(wanted !== undefined && { task: wanted }),
    head,
    ...(seed !== undefined && { seed }),
  });
  const warning = freshWarning(path, folder.headName, folder.fresh);
  if (warning !== undefined) process.emitWarning(warning);
  const weights = new Map<string, Float32Array>();
  for (const [name, { shape }] of folder.params) {
    weights.set(name, new Float32Array(count(shape)));
    folder.read(name, weights.get(name)!);
  }
  const home = await tokenizerHome(path);
  const tokenizer = (await hasTokenizer(home)) ? await loadTokenizer(home) : undefined;
  const runner = openRunner(folder, weights, options);
  const bytes = [...weights.values()].reduce((n, { byteLength }) => n + byteLength, 0);
  let decoder: ReturnType<typeof openDecoder> | undefined;
  let embedder: ReturnType<typeof openEmbedder> | undefined;
  const close = async () => {
    await runner.close();
    await (await embedder)?.close();
    await (await decoder)?.close();
  };
  const { task } = folder.spec.architecture.heads[folder.headName]!;
  const own = join(home, TARGET_TOKENIZER);
  const targetTokenizer = existsSync(own) ? await loadTokenizer(own) : tokenizer;
  const open = () => {
    if (!WRITING.has(task))
      throw new Error(`${path}: ${folder.headName} is for ${task}, and does not go on with a text`);
    decoder ??= openDecoder(folder.model, folder.spec, weights, { ...options, frozen: bytes <= FROZEN_BYTES });
    return decoder;
  };
  const defaults = { ...tokenIds(folder), ...folder.generation };
  const reader = (what: string) => {
    if (tokenizer) return tokenizer;
    throw new Error(`${path}: it has no tokenizer.json, so it cannot read a ${what}`);
  };
  async function* predictEach(texts: readonly string[], given: GenerateOptions = {}): AsyncGenerator<WrittenText> {
    const tokenizer = reader("text");
    if (task !== "translation") throw new Error(`${path}: its head is for ${task}, and writes nothing for a text`);
    yield* translate({ decoder: await open(), tokenizer, targetTokenizer }, texts, { defaults, ...given });
  }
  return {
    predictEach,
    predict: async (texts, given) => {
      const all: WrittenText[] = [];
      for await (const one of predictEach(texts, given)) all.push(one);
      return all;
    },
    config: folder.spec.config,
    architecture: folder.headName,
    unused: folder.unused,
    fresh: folder.fresh,
    tokenizer,
    targetTokenizer,
    run: runner.run,
    async embed(texts, given = {}) {
      embedder ??= openEmbedder(folder, weights, reader("text"), sentenceSettings(home), options);
      return (await embedder).embed(texts, given);
    },
    async *generate(prompt, given = {}) {
      const tokenizer = reader("prompt");
      return yield* generateText(await open(), tokenizer, prompt, { defaults, ...given });
    },
    async generateTexts(prompts, given = {}) {
      const tokenizer = reader("prompt");
      return generateTexts(await open(), tokenizer, prompts, { defaults, ...given });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Where there is no `generation_config.json`, a text's ends are those of `config.json`. */
const tokenIds = ({ spec: { rest } }: ModelFolder): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    ["bos_token_id", "eos_token_id", "pad_token_id"].flatMap((name) =>
      rest[name] == null ? [] : [[name, rest[name]]],
    ),
  );
