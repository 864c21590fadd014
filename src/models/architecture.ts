/** What shared code may ask of a model: it never asks which model it has. */
import type { KeyValue } from "../nn/attention/cache.ts";
import type { Float, Ids, Shape, Tensor } from "../tensor/tensor.ts";
import { type ConfigOf, type ConfigSpec, type Fields, ownNames, readConfig } from "./config.ts";
import type { Cache } from "./memory.ts";

/** The arguments of a model's forward, under Hugging Face's names; integers are int64. */
export type ForwardInputs = Readonly<Record<string, ForwardInput>>;
type ForwardInput = Tensor | number | KeyValue | readonly ForwardInput[] | { readonly [part: string]: ForwardInput };
/** What it gives: "logits", "loss" where it was given labels, … */
export type ForwardOutputs = Readonly<Record<string, Float | undefined>>;

/** A model is a layer whose keys are its checkpoint's names, called with named inputs of its own. */
export type Model = object & ((inputs: never) => ForwardOutputs);

/** Call a model whose inputs are known only by name. */
export const forward = (model: Model, inputs: ForwardInputs): ForwardOutputs => model(inputs as never);

/** Inputs that a causal decoder takes; batch, time and keys may be symbols. */
export interface DecoderInputs {
  /** [B, T] */
  readonly input_ids: Ids;
  /** 1 where a key is a token, 0 where it is padding. [B, past + T] */
  readonly attention_mask?: Ids;
  /** [B, T]; 0, 1, 2 … after the past unless given. Without a mask, texts packed into a row begin where they do not go on. */
  readonly position_ids?: Ids;
  /** [B, T], −100 where it does not count; shifted inside, as Hugging Face's models do. */
  readonly labels?: Ids;
  /** Logits of the last so many positions only. */
  readonly logits_to_keep?: number;
  /** One for each layer; where some have let go of what their windows have passed, positions must be given. */
  readonly past_key_values?: readonly KeyValue[];
}

/** An input's type and sizes; words are sizes known only when the program runs. */
export interface InputSpec {
  readonly dtype: "int64" | "float32";
  readonly shape: Shape;
  /** Another form that it may have, with another number of axes. */
  readonly or?: InputSpec;
}

/** A task head: the class name that `config.json` lists under "architectures". */
export interface Head<Config> {
  build(config: Config): Model;
  /** The task that trains it, as `--task` names it. */
  readonly task: string;
  /** What it may be given; a configuration may say what labels are. */
  inputs(config: Config): Readonly<Record<string, InputSpec>>;
}

/** What a causal decoder may be given. */
export const decoderInputs = {
  input_ids: { dtype: "int64", shape: ["batch", "time"] },
  attention_mask: { dtype: "int64", shape: ["batch", "keys"] },
  position_ids: { dtype: "int64", shape: ["batch", "time"] },
  labels: { dtype: "int64", shape: ["batch", "time"] },
} as const satisfies Record<keyof Omit<DecoderInputs, "past_key_values" | "logits_to_keep">, InputSpec>;

/** What the files of an architecture call its tensors, where that is not their path in the model. */
export interface FileNames {
  /** The path that a head puts before the bare model's names, or some heads another; files of bare models lack it. */
  readonly prefixes: readonly string[];
  /** Tensors that are no parameters, or of heads that nobody uses: masks, position numbers. Matched against "." and the name. */
  readonly buffers: readonly RegExp[];
  /**
   * Where `tie_word_embeddings` makes one parameter of two, some files have both: the second's name, and the path of the
   * parameter that it then is.
   */
  readonly tied: Readonly<Record<string, string>>;
}

/** Fields that bound the inputs; without one there is no bound. */
export interface Limits<F extends Fields> {
  /** Ids are below it. */
  readonly vocabulary?: keyof F & string;
  /** Those of an encoder-decoder's source, where they are others. */
  readonly sourceVocabulary?: keyof F & string;
  /** A sequence is at most so long, */
  readonly positions?: keyof F & string;
  /** less the number of its first token's position, which is 0 unless given; */
  firstPosition?(config: ConfigOf<F>): number;
  /** unless there is no table of positions that could end. */
  unbounded?(config: ConfigOf<F>): boolean;
  /** Token types are below it; where it is 0 they are passed over. */
  readonly tokenTypes?: keyof F & string;
}

/** What made reference numbers: the release of transformers, and whether attentions are among them. */
export interface Reference {
  readonly transformers: string;
  readonly attentions: boolean;
}

type Heads<Config> = Readonly<Record<string, Head<Config>>>;

export interface Architecture<F extends Fields = Fields> {
  readonly spec: ConfigSpec<F>;
  readonly heads: Heads<ConfigOf<F>>;
  /** Heads that err as a release of transformers does, to compare with its numbers, and how it errs; undefined: as these. */
  reference?(
    config: ConfigOf<F>,
    made: Reference,
  ): { readonly heads: Heads<ConfigOf<F>>; readonly fault: string } | undefined;
  readonly fileNames: FileNames;
  /** False: Python's transformers knows no such model type. */
  readonly inTransformers?: false;
  /** A configuration small enough for tests. */
  readonly tiny: Readonly<Record<string, unknown>>;
  readonly limits: Limits<F>;
  /**
   * What it remembers between calls, so that decoding reads a token once; undefined: nothing. Forward is given these
   * tensors under their names, and leaves what they become.
   */
  cache?(config: ConfigOf<F>): Cache;
  /** Of an encoder that carries states from token to token: what forward may be given to begin from, and leaves. */
  reading?(config: ConfigOf<F>): Cache;
  /**
   * An encoder-decoder's inputs that are read once, before the first token: its text's own are then `decoder_input_ids`,
   * `decoder_attention_mask` and `decoder_position_ids`.
   */
  readonly source?: Readonly<Record<string, InputSpec>>;
}

/** A checked configuration with its architecture: what `gpt2({ n_layer: 4 })` gives, ready to be built for a task. */
export interface ModelSpec<F extends Fields = Fields> {
  readonly architecture: Architecture<F>;
  readonly config: ConfigOf<F>;
  /** What the `config.json` it came from says, other things than these fields among it: token ids, labels. */
  readonly rest: Readonly<Record<string, unknown>>;
}

type Given<F extends Fields> = { readonly [K in keyof ConfigOf<F>]?: ConfigOf<F>[K] } & Readonly<
  Record<string, unknown>
>;
export interface NamedArchitecture<F extends Fields> extends Architecture<F> {
  (config?: Given<F>): ModelSpec<F>;
}

/** Make an architecture callable with a configuration. */
export function architecture<F extends Fields>(parts: Architecture<F>): NamedArchitecture<F> {
  const of = (config: Given<F> = {}): ModelSpec<F> => ({
    architecture: parts,
    config: readConfig(parts.spec, config),
    rest: ownNames(parts.spec, config),
  });
  return Object.assign(of, parts);
}

/** Ids are below `vocabulary`, token types below `tokenTypes`, sequences at most `positions` long. */
export function limitsOf<F extends Fields>({ architecture: { limits }, config }: ModelSpec<F>) {
  const of = (field: (keyof F & string) | undefined) =>
    field === undefined ? Number.POSITIVE_INFINITY : (config[field] as number);
  const firstPosition = limits.firstPosition?.(config) ?? 0;
  return {
    vocabulary: of(limits.vocabulary),
    positions: limits.unbounded?.(config) ? Number.POSITIVE_INFINITY : of(limits.positions) - firstPosition,
    firstPosition,
    sourceVocabulary: of(limits.sourceVocabulary ?? limits.vocabulary),
    tokenTypes: of(limits.tokenTypes) || Number.POSITIVE_INFINITY,
  };
}

/** Sizes that data asks for, and other fields of `config.json` that follow from it. */
export interface Needs {
  readonly vocabulary: number;
  readonly positions: number;
  readonly sourceVocabulary?: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * The same model for these sizes, where its configuration did not say them. Throws a TypeError where it says smaller
 * ones.
 */
export function sized<F extends Fields>(spec: ModelSpec<F>, { config, ...needs }: Needs): ModelSpec<F> {
  const {
    limits,
    spec: { modelType },
  } = spec.architecture;
  const given: Record<string, unknown> = { ...spec.rest, ...config };
  const { firstPosition, ...most } = limitsOf(spec);
  for (const [what, size] of Object.entries(needs)) {
    const field = limits[what as keyof typeof needs];
    if (field === undefined) continue;
    if (given[field] === undefined) given[field] = what === "positions" ? firstPosition + size : size;
    else if (most[what as keyof typeof needs] < size)
      throw new TypeError(
        what !== "positions"
          ? `${modelType}: ${field} is ${spec.config[field]}, but the tokenizer has ${size} tokens`
          : `${modelType}: ${field} is ${spec.config[field]}, but rows of ${size} tokens are asked for; make the block smaller`,
      );
  }
  return { ...spec, config: readConfig(spec.architecture.spec, given), rest: given };
}

/** Build a model with a head: one of `architectures`' names. */
export const build = <F extends Fields>(spec: ModelSpec<F>, head: string): Model =>
  headOf(spec, head).build(spec.config);

/** What the model with this head may be given, by name. */
export const inputsOf = <F extends Fields>(spec: ModelSpec<F>, head: string): Readonly<Record<string, InputSpec>> =>
  headOf(spec, head).inputs(spec.config);

/** The first of its heads that a task trains. Throws a TypeError that lists the tasks there are heads for. */
export function headFor<F extends Fields>({ architecture: { heads, spec } }: ModelSpec<F>, task: string): string {
  const found = Object.keys(heads).find((name) => heads[name]!.task === task);
  if (found !== undefined) return found;
  const tasks = [...new Set(Object.values(heads).map((head) => head.task))].join(", ");
  throw new TypeError(`${spec.modelType}: it has no head for the task "${task}"; it has heads for ${tasks}`);
}

function headOf<F extends Fields>({ architecture: { heads, spec } }: ModelSpec<F>, head: string) {
  if (Object.hasOwn(heads, head)) return heads[head]!;
  throw new TypeError(`${spec.modelType}: there is no head "${head}"; there are ${Object.keys(heads).join(", ")}`);
}
