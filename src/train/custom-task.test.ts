/** A task of one's own, whose batches come from generators: `train` asks for nothing that a generator cannot give. */
import { expect, test } from "vitest";
import { gpt2 } from "../models/index.ts";
import { below, keyOf } from "../random.ts";
import { type Batch, type Dataset, languageModeling, type Task } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import type { TrainEvent } from "./events.ts";
import { train } from "./train.ts";

const ALPHABET = "abcdefgh";
const [ROWS, TIME] = [4, 8];

/** Rows of the alphabet from anywhere on. */
function batch(n: number): Batch {
  const row = (shift: number) =>
    BigInt64Array.from({ length: ROWS * TIME }, (_, i) => {
      const start = below(ALPHABET.length, keyOf(n), Math.floor(i / TIME));
      return BigInt((start + (i % TIME) + shift) % ALPHABET.length);
    });
  return {
    input_ids: { dtype: "int64", dims: [ROWS, TIME], data: row(0) },
    labels: { dtype: "int64", dims: [ROWS, TIME], data: row(1) },
  };
}

function* batches(count: number): Generator<Batch> {
  for (let n = 0; n < count; n++) yield batch(n);
}
async function* heldOut() {
  for (const n of [1001, 1002]) yield { batch: batch(n), count: ROWS * TIME };
}

/** The data is how many batches there are. */
const alphabet: Task<number> = {
  ...languageModeling({ blockSize: TIME }),
  name: "language-modeling",
  metrics: (loss) => ({ surprise: Math.exp(loss) }),
  async open(count): Promise<Dataset> {
    const rest = batches(count);
    const take = (n: number) => Array.from({ length: n }, () => rest.next().value).filter((one) => one !== undefined);
    return {
      trainExamples: count * ROWS,
      tokensPerBatch: ROWS * TIME,
      batches: async (_, n) => take(n),
      validation: heldOut,
      warnings: ["the alphabet has eight letters here"],
    };
  },
};

async function events(count: number, training = {}, task = alphabet): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of train({
    model: gpt2({ n_layer: 1, n_head: 2, n_embd: 16, embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 }),
    tokenizer: charTokenizer(ALPHABET),
    task,
    data: count,
    threads: 1,
    training: { maxSteps: 60, learningRate: 0.02, loggingSteps: 20, evalSteps: 40, ...training },
  }))
    all.push(event);
  return all;
}
const told = (all: readonly TrainEvent[]) => all.map((e) => ("step" in e ? `${e.event} ${e.step}` : e.event));

test("it learns from what a generator yields, and shows the task's own metric", async () => {
  const all = await events(60);
  expect(told(all)).toEqual(
    "start 0,warning,step 1,step 20,step 40,evaluation 40,step 60,evaluation 60,done 60".split(","),
  );
  const last = all.findLast((e) => e.event === "evaluation")!;
  expect(last.loss).toBeLessThan(0.3);
  expect(last.metrics).toEqual({ surprise: Math.exp(last.loss) });
});

test("where the generator ends before the last step, the run ends, evaluated", async () => {
  const all = await events(50);
  expect(told(all)).toEqual("start 0,warning,step 1,step 20,step 40,evaluation 40,evaluation 50,done 50".split(","));
  expect(all.at(-1)).toMatchObject({ event: "done", stopped: "data" });
  expect(told(await events(40)).slice(-2)).toEqual(["evaluation 40", "done 40"]);
});

test("gradients are accumulated over those batches that there are", async () => {
  const all = await events(5, { gradientAccumulationSteps: 2, loggingSteps: 1 });
  expect(told(all).slice(2)).toEqual("step 1,step 2,step 3,evaluation 3,done 3".split(","));
});

test("a generator that yields nothing is an error", async () => {
  await expect(events(0)).rejects.toThrow("train: the data has no batch for step 1");
});

test("data that is not there at all is missing; a task that wants none is told so", async () => {
  const none: Task<undefined> = { ...alphabet, open: (_, ...rest) => alphabet.open(3, ...rest) };
  const given = { model: gpt2({ n_layer: 1, n_head: 2, n_embd: 16 }), tokenizer: charTokenizer(ALPHABET), task: none };
  await expect(train(given as never).next()).rejects.toThrow("train: data is missing");
  const run = train({ ...given, data: undefined, threads: 1, training: { maxSteps: 1 } });
  expect((await run.next()).value).toMatchObject({ event: "start" });
  await run.return(undefined);
});

test("batches that say how many rows they have train to the same losses, and must have as many", async () => {
  const losses = (all: readonly TrainEvent[]) => all.flatMap((e) => (e.event === "step" ? [e.loss] : []));
  const saying = (rows: number): Task<number> => ({
    ...alphabet,
    open: async (...args) => ({ ...(await alphabet.open(...args)), rows }),
  });
  expect(losses(await events(60, {}, saying(ROWS)))).toEqual(losses(await events(60)));
  await expect(events(60, {}, saying(ROWS + 1))).rejects.toThrow(/batch\/\w+.*\[4, 8\].*\[5, 8\]|\[5, 8\].*\[4, 8\]/);
});
