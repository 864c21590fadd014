/** `load`: a Hugging Face folder as a model that runs, under the names of Hugging Face's forward. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type GenerateOptions, generateText, openDecoder, type TextEnd } from "./generate/index.ts";
import { type Arrays, type Result, toResult, toValue } from "./host.ts";
import { type ModelFolder, openFolder } from "./hub/index.ts";
import { forward, limitsOf, nearest } from "./models/index.ts";
import { type Compiled, compile, type Tree } from "./runtime/compile.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { count } from "./tensor/dtype.ts";
import { input, type Tensor, type Value } from "./tensor/tensor.ts";
import { trace } from "./tensor/trace.ts";
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

/** What a forward pass gives, by Hugging Face's names; a name that the model does not give is not there. */
export interface Outputs {
  readonly logits: Result;
  readonly [name: string]: Result;
}

export interface RunOptions {
  readonly outputHiddenStates?: boolean;
  readonly outputAttentions?: boolean;
}

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
  const run = runner(folder, weights, options);
  const bytes = [...weights.values()].reduce((n, { byteLength }) => n + byteLength, 0);
  let decoder: ReturnType<typeof openDecoder> | undefined;
  const close = async () => {
    await run.close();
    await (await decoder)?.close();
  };
  return {
    config: folder.spec.config,
    architecture: folder.headName,
    tokenizer,
    run: run.run,
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

/** Programs are made when a set of inputs is first seen; one serves every batch size and length. */
function runner(
  { model, head, params, spec }: ModelFolder,
  weights: ReadonlyMap<string, Float32Array>,
  options: ProgramOptions,
) {
  type Program = Compiled<Tree, Tree>;
  const programs = new Map<string, Promise<Program>>();
  const fed = Object.fromEntries(
    [...params].map(([name, { shape }]) => [name, { dtype: "float32", dims: shape, data: weights.get(name)! }]),
  );
  const { vocabulary, positions } = limitsOf(spec);

  const open = (names: readonly string[], { outputHiddenStates = false, outputAttentions = false }: RunOptions) => {
    const masked = names.includes("attention_mask");
    const inputs = Object.fromEntries(
      names.map((name) => {
        const { dtype, shape } = head.inputs[name]!;
        return [name, input(masked ? shape.map((d) => (d === "keys" ? "time" : d)) : shape, dtype)];
      }),
    );
    const { result, taps } = trace(() => forward(model, inputs));
    const outputs: Record<string, Tensor> = {};
    for (const [name, x] of Object.entries(result)) if (x) outputs[name] = x;
    const wanted = { hidden_states: outputHiddenStates, attentions: outputAttentions };
    for (const [name, asked] of Object.entries(wanted))
      if (asked)
        for (const [i, { value }] of taps.filter((tap) => tap.name === name).entries()) outputs[`${name}.${i}`] = value;
    return compile(
      { params: Object.fromEntries(params), inputs } as Tree,
      { outputs },
      { ...options, mode: "evaluation" },
    );
  };

  return {
    async run(given: Readonly<Record<string, Arrays>>, asked: RunOptions = {}): Promise<Outputs> {
      const values: Record<string, Value> = {};
      for (const [name, arrays] of Object.entries(given)) {
        const known = Object.keys(head.inputs);
        if (!known.includes(name))
          throw new TypeError(
            `run: there is no input "${name}"; did you mean "${nearest(name, known)}"? Known: ${known.join(", ")}`,
          );
        values[name] = toValue(name, arrays, head.inputs[name]!.dtype);
      }
      if (values["input_ids"]) checkIds(values["input_ids"], vocabulary, positions);
      const names = Object.keys(values).sort();
      const key = JSON.stringify([names, asked]);
      const program = programs.get(key) ?? open(names, asked);
      programs.set(key, program);
      const { outputs } = await (await program)({ params: fed, inputs: values } as never);
      const results = Object.entries(outputs as Record<string, Value>).map(([name, value]) => [name, toResult(value)]);
      return Object.fromEntries(results) as Outputs;
    },
    close: async () => {
      for (const program of programs.values()) await (await program).close();
    },
  };
}

function checkIds({ data, dims }: Value, vocabulary: number, positions: number): void {
  const [rows, width] = dims as [number, number];
  if (data.length === 0) throw new TypeError(`run: input_ids is [${dims.join(", ")}]: there is nothing to read`);
  if (width > positions)
    throw new TypeError(`run: input_ids has rows of ${width} ids, and the model has ${positions} positions`);
  for (let i = 0; i < rows * width; i++) {
    const id = Number(data[i]);
    if (id < 0 || id >= vocabulary)
      throw new TypeError(
        `run: input_ids has ${id} at row ${Math.floor(i / width)}, position ${i % width}; ids are 0 to ${vocabulary - 1}`,
      );
  }
}
