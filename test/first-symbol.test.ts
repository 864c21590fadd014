/** First-symbol recall over 30 letters: which LSTM learns it, and what is known of that before training. */
import { expect, test } from "vitest";
import { toyRows } from "../src/data/toy/toys.ts";
import { gradientThroughTime } from "../src/inspect/index.ts";
import { build, forward, lstm, type ModelSpec } from "../src/models/index.ts";
import { fillInitial, namedParams } from "../src/nn/index.ts";
import { adamw } from "../src/optim/index.ts";
import { keyOf } from "../src/random.ts";
import { crossEntropy, input, reshape } from "../src/tensor/index.ts";
import { openLearner } from "../src/train/learner.ts";
import { planOf } from "../src/train/plan.ts";

const [BATCH, LENGTH, SYMBOLS] = [32, 30, 8];
const ids = (text: string) => Array.from(text, (c) => c.charCodeAt(0) - 97);
const { train: rows } = toyRows(`first-symbol,length=${LENGTH},symbols=${SYMBOLS},rows=${600 * BATCH}`);
const value = (dims: readonly number[], data: readonly number[]) =>
  ({ dtype: "int64", dims, data: BigInt64Array.from(data, BigInt) }) as const;

const remembering = { forget_bias: 3, input_bias: -3 };
const usual = { forget_bias: 1 };
const specOf = (biases: object): ModelSpec =>
  lstm({ vocab_size: SYMBOLS, embedding_size: 16, hidden_size: 64, num_layers: 1, ...biases }) as never;

function drawn(spec: ModelSpec, seed: number) {
  const model = build(spec, "LstmForCausalLM");
  const params = namedParams(model);
  const fill = (name: string, into: Float32Array) => fillInitial(into, params.get(name)!.init, keyOf(seed, name));
  return { model, params, fill };
}

/** The step after which the mean loss of the last few batches is below 0.1; undefined: none of so many. */
async function solvedAfter(spec: ModelSpec, seed: number, steps: number): Promise<number | undefined> {
  const { model, params, fill } = drawn(spec, seed);
  const [input_ids, first] = [input(["batch", "time"], "int64"), input(["batch"], "int64")];
  const { logits } = forward(model, { input_ids, logits_to_keep: 1 });
  const loss = crossEntropy(reshape(logits!, ["batch", SYMBOLS]), first);
  const optimizer = adamw({ beta2: 0.95, weightDecay: 0 });
  const plan = planOf({ parameters: params, batch: { input_ids, first }, loss, optimizer });
  await using learner = await openLearner(plan, { threads: 1, maxGradNorm: 1 });
  for (const [name, { data }] of learner.state.array("weight")) fill(name, data);
  let mean = Math.log(SYMBOLS);
  for (let step = 1; step <= steps; step++) {
    const batch = rows.slice((step - 1) * BATCH, step * BATCH);
    const fed = {
      input_ids: value(
        [BATCH, LENGTH],
        batch.flatMap(({ source }) => ids(source)),
      ),
      first: value(
        [BATCH],
        batch.flatMap(({ target }) => ids(target)),
      ),
    };
    mean = 0.9 * mean + 0.1 * (await learner.update(fed, { lr: 0.01 })).loss;
    if (mean < 0.1) return step;
  }
  return undefined;
}

test("an LSTM that keeps what it holds learns it within 300 steps, the usual one not in 600, and its gradients said so", {
  timeout: 240_000,
}, async () => {
  for (const seed of [0, 1, 2]) {
    const left = async (spec: ModelSpec) => {
      const { model, params, fill } = drawn(spec, seed);
      const weights = new Map(
        [...params].map(([name, { shape }]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
      );
      for (const [name, into] of weights) fill(name, into);
      const some = rows.slice(0, BATCH).map(({ source }) => ids(source));
      return (await gradientThroughTime(model, spec, weights, some, { steps: [LENGTH - 1], threads: 1 })).norms[0]!;
    };
    expect(await left(specOf(remembering))).toBeGreaterThan(0.05);
    expect(await left(specOf(usual))).toBeLessThan(0.005);
    expect(await solvedAfter(specOf(remembering), seed, 300)).toBeDefined();
    expect(await solvedAfter(specOf(usual), seed, 600)).toBeUndefined();
  }
});
