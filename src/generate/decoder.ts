/** A model as a stepwise decoder: rows of tokens in, the next token's logits out, with what it remembers kept between. */
import type { Model, ModelSpec } from "../models/index.ts";
import { openProgram, type Program, type ProgramOptions } from "../runtime/program.ts";
import type { Value } from "../tensor/dtype.ts";
import { type DecoderPlan, type ModelWeights, planDecoder } from "./decoder-plan.ts";
import { begin, type Decoding } from "./decoding.ts";
import type { Values } from "./memory.ts";

export interface Decoder extends AsyncDisposable {
  readonly vocabulary: number;
  /** How long a row may become. */
  readonly positions: number;
  /** An encoder-decoder's inputs that `begin` wants; undefined: it has none. */
  readonly source?: readonly string[] | undefined;
  /**
   * Read these rows of ids; shorter ones are padded on the left, which changes nothing. An encoder-decoder reads its
   * source first, a row of which belongs to each row of ids. Throws a RangeError for no row, an empty or too long one, an
   * id outside the vocabulary, and rows of different lengths where a model with keys or a source takes no mask; a
   * TypeError for a source that is missing, not wanted, or has not as many rows.
   */
  begin(rows: readonly (readonly number[])[], source?: Values): Promise<Decoding>;
  close(): Promise<void>;
}

export interface DecoderOptions extends ProgramOptions {
  /** Weights become part of the program: faster, but it sees no later change of theirs. */
  readonly frozen?: boolean;
  /** False reads the whole text again for every token: slower, and the definition of what the cache must give. */
  readonly cache?: boolean;
  /** Values that the model taps under these names, to be found in `Decoding.taps`: ["cross_attentions"]. */
  readonly taps?: readonly string[];
}

export const openDecoder = (
  model: Model,
  spec: ModelSpec,
  weights: ModelWeights,
  { frozen = false, cache = true, taps = [], ...options }: DecoderOptions = {},
): Promise<Decoder> =>
  openDecoderPlan(planDecoder(model, spec, { cache, taps, frozen: frozen ? weights : undefined }), weights, options);

/** A decoder over these weights, which are read at every step unless they are part of the plan. */
export async function openDecoderPlan(
  plan: DecoderPlan,
  weights: ModelWeights,
  options: ProgramOptions = {},
): Promise<Decoder> {
  const parameters: Record<string, Value> = {};
  for (const [name, dims] of Object.entries(plan.parameters))
    parameters[name] = { dtype: "float32", dims, data: weights.get(name)! };
  const step = await openProgram(plan.program, options);
  const encoder = plan.encoder && (await openProgram(plan.encoder, options));

  /** What the program asks for, of what there is. */
  const running = (program: Program) => (given: Values) => {
    const all: Values = { ...parameters, ...given };
    return program.run(
      Object.fromEntries(program.inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : []))),
    );
  };
  const close = async () => {
    await step.close();
    await encoder?.close();
  };
  const { cache, source, vocabulary, positions } = plan;
  return {
    vocabulary,
    positions,
    source: source && Object.keys(source),
    begin: (rows, given) =>
      begin(rows, given, {
        vocabulary,
        positions,
        cache,
        source,
        reads: new Set(plan.program.inputs.map(({ name }) => name)),
        encode: encoder && running(encoder),
        step: running(step),
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
