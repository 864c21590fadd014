import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { customModel, gpt2 } from "../models/index.ts";
import { embedding, layer } from "../nn/index.ts";
import { type Batch, languageModeling, type Task, type TextData } from "../tasks/index.ts";
import type { Ids } from "../tensor/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import type { StepEvent, TrainEvent } from "./events.ts";
import type { TrainingSettings } from "./settings.ts";
import { type TrainOptions, train } from "./train.ts";

const text = "abcdefgh".repeat(60);
const still = { embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 };

/** A small model that learns the alphabet. */
const alphabet = (training: Partial<TrainingSettings> = {}, more: Partial<TrainOptions<TextData>> = {}) =>
  train({
    model: gpt2({ n_layer: 1, n_head: 2, n_embd: 16, ...still }),
    tokenizer: charTokenizer(text),
    task: languageModeling({ blockSize: 8 }),
    data: { train: text },
    threads: 1,
    training: { batchSize: 4, maxSteps: 30, learningRate: 0.02, loggingSteps: 1, ...training },
    ...more,
  });

async function eventsOf(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const steps = (events: readonly TrainEvent[]) => events.filter((e): e is StepEvent => e.event === "step");
const losses = (events: readonly TrainEvent[]) => steps(events).map(({ loss }) => loss);

test("it learns the alphabet, and says so from start to done", async () => {
  const events = await eventsOf(alphabet({ maxSteps: 60, evalSteps: 30 }));
  expect(events[0]).toMatchObject({
    event: "start",
    task: "language-modeling",
    model: "gpt2",
    train_examples: 53,
    max_steps: 60,
  });
  expect(losses(events)[0]).toBeCloseTo(Math.log(8), 0);
  expect(losses(events).at(-1)).toBeLessThan(0.2);
  expect(events.filter(({ event }) => event === "evaluation").map((e) => "step" in e && e.step)).toEqual([30, 60]);
  expect(events.at(-1)).toMatchObject({ event: "done", step: 60, best: { step: 60 } });
});

test("the same seed gives the same losses, bit for bit; another seed gives others", async () => {
  const [a, b, c] = [await eventsOf(alphabet()), await eventsOf(alphabet()), await eventsOf(alphabet({ seed: 1 }))];
  expect(losses(a)).toEqual(losses(b));
  expect(losses(a)).not.toEqual(losses(c));
});

test("dropout is drawn anew at every step, and the same in a second run", async () => {
  const model = gpt2({ n_layer: 1, n_head: 2, n_embd: 16, resid_pdrop: 0.5 });
  const run = async () => losses(await eventsOf(alphabet({ maxSteps: 5 }, { model })));
  expect(await run()).toEqual(await run());
});

test("two batches of 8 accumulated are one of 16", async () => {
  const rows: Task<TextData> = languageModeling({ blockSize: 8 });
  const halves = { ...rows, open: async (...args: Parameters<typeof rows.open>) => split(await rows.open(...args)) };
  const whole = losses(await eventsOf(alphabet({ batchSize: 16, maxSteps: 20 })));
  const two = losses(
    await eventsOf(alphabet({ batchSize: 16, maxSteps: 20, gradientAccumulationSteps: 2 }, { task: halves })),
  );
  for (const [i, loss] of whole.entries()) expect(Math.abs(loss - two[i]!) / loss).toBeLessThan(1e-6);
});

/** The same batches in two halves. */
function split({ rows: _, ...dataset }: Awaited<ReturnType<Task<TextData>["open"]>>) {
  const batches = async (step: number) => {
    const [batch] = await dataset.batches(step, 1);
    return [0, 1].map((half) =>
      Object.fromEntries(
        Object.entries(batch!).map(([name, { dims, data }]) => {
          const n = data.length / 2;
          const part = (data as BigInt64Array).slice(half * n, (half + 1) * n);
          return [name, { dtype: "int64" as const, dims: [dims[0]! / 2, dims[1]!], data: part }];
        }),
      ),
    );
  };
  return { ...dataset, batches };
}

test("a model of one's own, a layer in a few lines, is trained in the worker as well", async () => {
  const bigram = layer({ next: embedding(8, 8) }, ({ next }, { input_ids }: { readonly input_ids: Ids }) => ({
    logits: next(input_ids), // what follows a letter depends on the letter alone
  }));
  const events = await eventsOf(alphabet({ maxSteps: 80, learningRate: 0.1 }, { model: customModel(bigram) }));
  expect(events[0]).toMatchObject({ model: "custom", parameters: 64 });
  expect(losses(events).at(-1)).toBeLessThan(0.2);
});

test("data may come from a generator", async () => {
  const task = languageModeling({ blockSize: 8 });
  function* rows(): Generator<Batch> {
    for (let start = 0n; ; start++) {
      const ids = (shift: bigint) => BigInt64Array.from({ length: 8 }, (_, i) => (start + BigInt(i) + shift) % 8n);
      const row = (data: BigInt64Array) => ({ dtype: "int64", dims: [1, 8], data }) as const;
      yield { input_ids: row(ids(0n)), labels: row(ids(1n)) };
    }
  }
  const drawn: Task<TextData> = {
    ...task,
    open: async () => {
      const source = rows();
      return { trainExamples: 8, tokensPerBatch: 8, batches: () => [source.next().value as Batch] };
    },
  };
  expect(losses(await eventsOf(alphabet({ maxSteps: 120 }, { task: drawn }))).at(-1)).toBeLessThan(0.2);
});

test("break ends the worker within a step", async () => {
  let last = 0;
  for await (const event of alphabet({ maxSteps: 1_000_000 })) {
    if (event.event === "step") last = event.step;
    if (last === 5) break;
  }
  expect(last).toBe(5);
});

describe("an abort throws the signal's reason", () => {
  test("before anything", async () => {
    const signal = AbortSignal.abort(new Error("before"));
    await expect(eventsOf(alphabet({}, { signal }))).rejects.toThrow("before");
  });
  test("while it trains, within a step or two", async () => {
    const controller = new AbortController();
    let at = 0;
    const run = (async () => {
      for await (const event of alphabet({ maxSteps: 1_000_000 }, { signal: controller.signal }))
        if (event.event === "step" && event.step === 5) {
          at = performance.now();
          controller.abort(new Error("enough"));
        }
    })();
    await expect(run).rejects.toThrow("enough");
    expect(performance.now() - at).toBeLessThan(2000); // the worker closes its sessions meanwhile
  });
  test("while it waits for a batch", async () => {
    const task = languageModeling({ blockSize: 8 });
    const never: Task<TextData> = {
      ...task,
      open: async (...args) => ({ ...(await task.open(...args)), batches: () => new Promise(() => {}) }),
    };
    await expect(eventsOf(alphabet({}, { task: never, signal: AbortSignal.timeout(800) }))).rejects.toThrow("timeout");
  });
});

test("an error in the data reaches the caller as it is", async () => {
  const task = languageModeling({ blockSize: 8 });
  const torn: Task<TextData> = {
    ...task,
    open: async (...args) => {
      const dataset = await task.open(...args);
      const batches = (step: number, count: number) => {
        if (step === 3) throw new RangeError("row 2 has no label");
        return dataset.batches(step, count);
      };
      return { ...dataset, batches };
    },
  };
  await expect(eventsOf(alphabet({}, { task: torn }))).rejects.toThrow(new RangeError("row 2 has no label"));
});

test("a loss that is no number stops the run, with the step and the first layer that shows it", async () => {
  await expect(eventsOf(alphabet({ learningRate: 1e30, lrSchedulerType: "constant", maxGradNorm: 0 }))).rejects.toThrow(
    /^train: step \d+: the (loss is|gradient's norm is) .*; the first of them: (parameter |.+ in transformer\.)/,
  );
});

test("a validation loss or a sample that is no number stops the run too", async () => {
  const diverging = { learningRate: 1e30, lrSchedulerType: "constant", maxGradNorm: 0 } as const;
  await expect(eventsOf(alphabet({ ...diverging, evalSteps: 1 }))).rejects.toThrow(
    /^train: step 1: the validation loss is NaN; the first of them: .+ in transformer\./,
  );
  await expect(eventsOf(alphabet({ ...diverging, sampleSteps: 1 }))).rejects.toThrow(
    /^train: step 1: no sample: generate: a logit is NaN.*; the first of them: .+ in transformer\./,
  );
});

test("sizes that do not fit are told before anything runs", async () => {
  const small = gpt2({ n_layer: 1, n_head: 2, n_embd: 16, n_positions: 4 });
  await expect(eventsOf(alphabet({}, { model: small }))).rejects.toThrow(
    "gpt2: n_positions is 4, but rows of 8 tokens are asked for; make the block smaller",
  );
  const narrow = gpt2({ n_layer: 1, n_head: 2, n_embd: 16, vocab_size: 3 });
  await expect(eventsOf(alphabet({}, { model: narrow }))).rejects.toThrow(
    "gpt2: vocab_size is 3, but the tokenizer has 8 tokens",
  );
  const huge = gpt2({ n_layer: 1, n_head: 2, n_embd: 2_000_000 });
  await expect(eventsOf(alphabet({}, { model: huge }))).rejects.toThrow(
    /^gpt2: 48,\S+ parameters need 768 TB of memory, but there are .* GB; choose smaller sizes$/,
  );
  await expect(
    eventsOf(alphabet({ earlyStoppingPatience: 1 }, { data: { train: text, validation: 0 } })),
  ).rejects.toThrow("training: earlyStoppingPatience is given, but no validation data that it could look at");
  await expect(eventsOf(alphabet({}, { sample: { prompt: "abc?" } }))).rejects.toThrow(
    'the character "?" (U+003F) at position 3',
  );
  await expect(eventsOf(alphabet({ batchSize: 0 }))).rejects.toThrow(
    "training: batchSize is 0, but must be a whole number ≥ 1",
  );
  await expect(eventsOf(alphabet({ learningrate: 1 } as never))).rejects.toThrow(
    'training: there is no setting "learningrate"; did you mean "learningRate"?',
  );
});

test("the caller's timers run while it trains", async () => {
  let late = 0;
  let due = performance.now() + 10;
  const timer = setInterval(() => {
    late = Math.max(late, performance.now() - due);
    due = performance.now() + 10;
  }, 10);
  const model = gpt2({ n_layer: 2, n_head: 2, n_embd: 64, ...still });
  let started = false;
  for await (const event of alphabet({ maxSteps: 100, batchSize: 32 }, { model })) {
    if (!started && event.event === "step") late = 0; // what came before is tracing
    started ||= event.event === "step";
  }
  clearInterval(timer);
  expect(late).toBeLessThan(200); // 50 ms on a machine of its own; tests share theirs
});

test.each(["forget", "exit", "throw", "return"])("a process that leaves (%s) ends at once, without a crash", (how) => {
  const script = fileURLToPath(new URL("../../test/leave.js", import.meta.url));
  const { status, signal, stdout } = spawnSync(process.execPath, [script, how], { timeout: 25_000, encoding: "utf8" });
  expect({ status, signal }).toEqual({ status: { forget: 0, exit: 3, throw: 1, return: 0 }[how], signal: null });
  expect(stdout.trim().split("\n").at(-1)).toBe(how === "return" ? "left" : "leaving");
});
