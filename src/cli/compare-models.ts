/** `compare bert albert roberta`: what differs between architectures of the same sizes: parts, costs, speed, objective. */
import { performance } from "node:perf_hooks";
import { summarize } from "../inspect/index.ts";
import { architectureOf, build, forward, inputsOf, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { fillInitial } from "../nn/init.ts";
import { keyOf } from "../random.ts";
import { compile, type Tree } from "../runtime/compile.ts";
import { count as elements, type Value } from "../tensor/dtype.ts";
import { input, trace } from "../tensor/index.ts";
import type { Context } from "./context.ts";
import { table } from "./ui/table.ts";
import { bytes, count, operations } from "./ui/words.ts";

/** BERT-base's, under the names that the types' synonyms know. */
const SIZES = {
  ...{ hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, num_key_value_heads: 12 },
  ...{ intermediate_size: 3072, hidden_dim: 3072, vocab_size: 30_522, max_position_embeddings: 512 },
};
const BATCH = 8;
const TIME = 128;
const READ = 128; // tokens of the measured forward pass

/** What models are trained on before they have a task; "pretraining" is masked words and pairs of texts at once. */
const OBJECTIVES = [
  ...["language-modeling", "masked-language-modeling", "replaced-token-detection"],
  ...["pretraining", "sentence-order-pretraining"],
];

/** Which part of a model a parameter belongs to, by its name. */
const PARTS: readonly (readonly [part: string, names: RegExp])[] = [
  ["norms", /norm|(^|\.)ln_/i],
  ["embeddings", /embed|wte|wpe/],
  ["attention", /att|query|key|value|Wqkv/],
  ["feed-forward", /mlp|ffn|intermediate|layer\.\d+\.output|dense_/],
];
const partOf = (name: string): string => PARTS.find(([, names]) => names.test(name))?.[0] ?? "head";

export interface ComparedModel {
  readonly model: string;
  readonly head: string;
  readonly objective: string;
  readonly parameters: number;
  /** Parameters by part. */
  readonly parts: Readonly<Record<string, number>>;
  /** Bytes of training a batch of 8 rows of 128 tokens with Adam, an estimate. */
  readonly memory: number;
  /** Of one forward pass of 128 tokens. */
  readonly flops: number;
  /** Tokens a second of a forward pass of one row, measured here. */
  readonly tokens_per_second: number;
}

/** Throws a TypeError for a type that is not registered. Numbers are drawn anew; nothing is read or written. */
export async function compareModels(
  types: readonly string[],
  context: Pick<Context, "signal" | "result" | "print" | "threads">,
  sizes: Readonly<Record<string, number>> = SIZES,
): Promise<void> {
  const found: ComparedModel[] = [];
  for (const type of types) {
    context.signal.throwIfAborted();
    const spec = architectureOf(type)(sizes);
    const { heads } = spec.architecture;
    const head = Object.keys(heads)[0]!;
    const objective = OBJECTIVES.filter((task) => Object.values(heads).some((one) => one.task === task)).join(", ");
    const { parameters, parts, memory, flops } = summarize(spec, head, { batch: BATCH, time: TIME });
    const byPart: Record<string, number> = {};
    for (const part of parts) byPart[partOf(part.name)] = (byPart[partOf(part.name)] ?? 0) + part.parameters;
    const speed = await tokensPerSecond(spec, head, context.threads);
    const one = { model: type, head, objective, parameters, parts: byPart, memory: memory.training };
    found.push({ ...one, flops: flops.inference, tokens_per_second: speed });
    context.result(found.at(-1)!);
  }
  context.print(tableOf(found));
}

async function tokensPerSecond(spec: ModelSpec, head: string, threads: number | undefined): Promise<number> {
  const model = build(spec, head);
  const params = namedParams(model);
  const weights: Record<string, Value> = {};
  for (const [name, { shape, init }] of params) {
    const data = new Float32Array(elements(shape));
    fillInitial(data, init, keyOf(0, name));
    weights[name] = { dtype: "float32", dims: shape, data };
  }
  const [name] = Object.keys(inputsOf(spec, head)); // ids come first
  const ids = input(["batch", "time"], "int64");
  const { result } = trace(() => forward(model, { [name!]: ids }));
  const [logits] = Object.values(result);
  await using program = await compile(
    { params: Object.fromEntries(params), ids } as Tree,
    { logits: logits! },
    { mode: "evaluation", ...(threads !== undefined && { threads }) },
  );
  const given = { params: weights, ids: { dtype: "int64", dims: [1, READ], data: new BigInt64Array(READ).fill(5n) } };
  await program(given as never);
  const times = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await program(given as never);
    times.push(performance.now() - start);
  }
  return (1000 * READ) / Math.min(...times);
}

const WIDTH = 24; // characters of the longest bar

function tableOf(models: readonly ComparedModel[]): string {
  const row = (title: string, cell: (model: ComparedModel) => string) => [title, ...models.map(cell)];
  const parts = [...new Set(models.flatMap((model) => Object.keys(model.parts)))];
  const most = Math.max(...models.flatMap((model) => Object.values(model.parts)));
  const bar = (n = 0) => "█".repeat(Math.round((WIDTH * n) / most)) || (n > 0 ? "▏" : "");
  const costs = table(
    [
      row("", ({ model }) => model),
      row("objective", ({ objective }) => objective),
      row("parameters", ({ parameters }) => count(parameters)),
      ...parts.map((part) => row(`  ${part}`, (model) => count(model.parts[part] ?? 0))),
      row(`memory, training ${BATCH} x ${TIME}`, ({ memory }) => bytes(memory)),
      row(`arithmetic of ${TIME} tokens`, ({ flops }) => operations(flops)),
      row("tokens a second, read", ({ tokens_per_second }) => count(tokens_per_second)),
    ],
    `l${"r".repeat(models.length)}`,
  );
  const drawn = table(
    models.flatMap((model) => parts.map((part, i) => [i === 0 ? model.model : "", part, bar(model.parts[part])])),
    "lll",
  );
  return `${costs}\n\n${drawn}`;
}
