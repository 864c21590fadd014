/** The owner in its worker, called as `train` does it: one request behind the other. */
import { expect, test } from "vitest";
import { gpt2 } from "../models/index.ts";
import { languageModeling } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import { prepare } from "./prepare.ts";
import { openRemote } from "./remote.ts";
import { workOf } from "./run.ts";

test("an update that waits behind one that failed is not done", async () => {
  const text = "abcdefgh".repeat(60);
  const options = {
    model: gpt2({ n_layer: 1, n_head: 2, n_embd: 16 }),
    tokenizer: charTokenizer(text),
    task: languageModeling({ blockSize: 8 }),
    data: { train: text },
    training: { batchSize: 4 },
    threads: 1,
  };
  const prepared = await prepare(options);
  const owner = openRemote(workOf(prepared, options));
  try {
    const send = async (step: number, lr: number) =>
      owner.update(await prepared.dataset.batches(step, 1), { lr, seed: step });
    await send(1, 0.1);
    const before = await owner.weights();
    const [failing, behind] = [send(2, -1), send(3, 0.1)];
    behind.catch(() => {}); // told below
    await expect(failing).rejects.toThrow("step 2 has the learning rate -1");
    await expect(behind).rejects.toThrow("train: stopped");
    expect(await owner.weights()).toEqual(before);
  } finally {
    await owner.close();
  }
});
