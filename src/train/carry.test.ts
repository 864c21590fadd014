import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gpt2, lstm, type ModelSpec } from "../models/index.ts";
import { languageModeling } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import { openOwner } from "./owner.ts";
import { prepare } from "./prepare.ts";
import { workOf } from "./run.ts";

const text = "the cat sat on the mat and the rat sat on the cat, and that was that. ".repeat(8);
const tokenizer = charTokenizer(text);

async function opened(
  carryState: boolean,
  blockSize: number,
  model: ModelSpec = lstm({ embedding_size: 4, hidden_size: 5, dropout: 0.2 }),
) {
  const task = languageModeling({ blockSize, carryState });
  const training = { batchSize: 2, maxSteps: 8, maxGradNorm: 0 };
  const options = { model, tokenizer, task, data: { train: text }, training, threads: 1 };
  const prepared = await prepare(options);
  return { prepared, owner: await openOwner(workOf(prepared, options)) };
}
type Opened = Awaited<ReturnType<typeof opened>>;

async function steps({ prepared, owner }: Opened, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = from; step <= to; step++)
    losses.push((await owner.update(await prepared.dataset.batches(step, 1), { lr: 0, seed: step })).loss);
  return losses;
}

async function evaluated({ prepared, owner }: Opened): Promise<number> {
  let [total, labels] = [0, 0];
  for await (const { batch, count } of prepared.dataset.validation!()) {
    total += (await owner.evaluate(batch)) * count;
    labels += count;
  }
  return total / labels;
}

test("a text read in short blocks with its state carried has the loss of the whole text read at once", async () => {
  const short = await opened(true, 4);
  const long = await opened(true, 28);
  const anew = await opened(false, 4);
  const loss = await evaluated(short);
  expect(loss).toBeCloseTo(await evaluated(long), 5);
  expect(Math.abs(loss - (await evaluated(anew)))).toBeGreaterThan(1e-4);
  expect(await evaluated(short)).toBe(loss); // the second time from zeros again
  for (const { owner } of [short, long, anew]) await owner.close();
});

test("a run that goes on from a checkpoint goes on from its state, bit for bit", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carry-"));
  try {
    const whole = await opened(true, 6);
    const before = await steps(whole, 1, 3);
    const path = await whole.owner.save(folder, { step: 3, patience: 0 }, 2);
    const after = await steps(whole, 4, 8);
    const resumed = await opened(true, 6);
    await resumed.owner.load(path);
    expect(await steps(resumed, 4, 8)).toEqual(after);
    const fresh = await opened(true, 6);
    expect(await steps(fresh, 1, 3)).toEqual(before);
    const without = await opened(true, 6);
    expect(await steps(without, 4, 4)).not.toEqual(after.slice(0, 1)); // the state does matter
    for (const { owner } of [whole, resumed, fresh, without]) await owner.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a model whose memory grows with the text has no state to carry", async () => {
  await expect(opened(true, 4, gpt2({ n_layer: 1, n_head: 1, n_embd: 4 }))).rejects.toThrow(
    "gpt2: it keeps no state that could be carried from batch to batch; leave carryState out",
  );
});
