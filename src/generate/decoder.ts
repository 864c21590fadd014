/** A causal model as a stepwise decoder: rows of tokens in, the next token's logits out, with keys and values remembered. */
import type { Model, ModelSpec } from "../models/index.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import type { Value } from "../tensor/tensor.ts";
import { type DecoderPlan, type ModelWeights, planDecoder } from "./decoder-plan.ts";
import { begin, type Decoding, type Read } from "./decoding.ts";

export interface Decoder extends AsyncDisposable {
  readonly vocabulary: number;
  /** How long a row may become. */
  readonly positions: number;
  /**
   * Read these rows of ids; shorter ones are padded on the left, which changes nothing. Throws a RangeError for no row,
   * an empty or too long one, or an id outside the vocabulary.
   */
  begin(rows: readonly (readonly number[])[]): Promise<Decoding>;
  close(): Promise<void>;
}

export interface DecoderOptions extends ProgramOptions {
  /** Weights become part of the program: faster, but it sees no later change of theirs. */
  readonly frozen?: boolean;
  /** False reads the whole text again for every token: slower, and the definition of what the cache must give. */
  readonly cache?: boolean;
}

export const openDecoder = (
  model: Model,
  spec: ModelSpec,
  weights: ModelWeights,
  { frozen = false, cache = true, ...options }: DecoderOptions = {},
): Promise<Decoder> =>
  openDecoderPlan(planDecoder(model, spec, { cache, frozen: frozen ? weights : undefined }), weights, options);

/** A decoder over these weights, which are read at every step unless they are part of the plan. */
export async function openDecoderPlan(
  plan: DecoderPlan,
  weights: ModelWeights,
  options: ProgramOptions = {},
): Promise<Decoder> {
  const { cache, remembered, vocabulary, positions } = plan;
  const program = await openProgram(plan.program, options);
  const fixed: Record<string, Value> = {};
  for (const { name, dims } of plan.parameters) fixed[name] = { dtype: "float32", dims, data: weights.get(name)! };

  const read: Read = async (fed, past) => {
    const behind = Object.fromEntries(remembered.map((name, i) => [`past.${name}`, past[i]!]));
    const out = (await program.run({ ...fixed, ...fed, ...behind })) as Record<string, Value<"float32">>;
    return { logits: out["logits"]!.data, fresh: remembered.map((name) => out[`fresh.${name}`]!) };
  };
  return {
    vocabulary,
    positions,
    begin: (rows) => begin(rows, { vocabulary, positions, read, cache }),
    close: program.close,
    [Symbol.asyncDispose]: program.close,
  };
}
