/** `load`: a Hugging Face folder as a model that runs, under the names of Hugging Face's forward. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type GenerateOptions, generateText, openDecoder, type TextEnd } from "./generate/index.ts";
import type { Arrays } from "./host.ts";
import { type ModelFolder, openFolder } from "./hub/index.ts";
import { type Outputs, openRunner, type RunOptions } from "./runner.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { count } from "./tensor/dtype.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizers/index.ts";

export interface LoadedModel extends AsyncDisposable {
  /** `config.json`'s fields that shape the network, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The task head's class name. */
  readonly architecture: string;
  /** Undefined where the folder has none. */
  readonly tokenizer: Tokenizer | undefined;
  /**
   * One forward pass, without dropout. Inputs by Hugging Face's names, as nested arrays or { data, dims }: input_ids
   * [batch, time], attention_mask [batch, time] … Gives { logits, loss? } and, if asked for, hidden_states.0 …,
   * attentions.0 …; throws a TypeError for an input that is unknown or does not fit.
   */
  run(inputs: Readonly<Record<string, Arrays>>, options?: RunOptions): Promise<Outputs>;
  /** Pieces of text that continue the prompt, as they come, and at last what was generated. Throws where the folder has no tokenizer. */
  generate(prompt: string, options?: GenerateOptions): AsyncGenerator<string, TextEnd>;
  close(): Promise<void>;
}

export type { Outputs, RunOptions } from "./runner.ts";

const FROZEN_BYTES = 2 ** 28; // smaller models decode from a copy of their weights inside the program, which is faster

/** Reads a folder whole: configuration, weights, tokenizer. Throws an Error that says what is wrong with it. */
export async function load(path: string, options: ProgramOptions = {}): Promise<LoadedModel> {
  using folder = openFolder(path);
  const weights = new Map<string, Float32Array>();
  for (const [name, { shape }] of folder.params) {
    weights.set(name, new Float32Array(count(shape)));
    folder.read(name, weights.get(name)!);
  }
  const tokenizer = existsSync(join(path, "tokenizer.json")) ? await loadTokenizer(path) : undefined;
  const runner = openRunner(folder, weights, options);
  const bytes = [...weights.values()].reduce((n, { byteLength }) => n + byteLength, 0);
  let decoder: ReturnType<typeof openDecoder> | undefined;
  const close = async () => {
    await runner.close();
    await (await decoder)?.close();
  };
  return {
    config: folder.spec.config,
    architecture: folder.headName,
    tokenizer,
    run: runner.run,
    async *generate(prompt, given = {}) {
      if (!tokenizer) throw new Error(`${path}: it has no tokenizer.json, so it cannot read a prompt`);
      decoder ??= openDecoder(folder.model, folder.spec, weights, { ...options, frozen: bytes <= FROZEN_BYTES });
      return yield* generateText(await decoder, tokenizer, prompt, {
        defaults: { ...tokenIds(folder), ...folder.generation },
        ...given,
      });
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
