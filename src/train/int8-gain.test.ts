import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gpt2 } from "../models/index.ts";
import type { Precision } from "../onnx/index.ts";
import { languageModeling } from "../tasks/index.ts";
import { charTokenizer } from "../tokenizers/index.ts";
import type { TrainEvent } from "./events.ts";
import { int8Gain, int8Warning } from "./int8-gain.ts";
import { train } from "./train.ts";

test("what int8 gains on this machine is measured in a moment", async () => {
  const gain = await int8Gain({ threads: 1 });
  expect(gain).toBeGreaterThan(0.05);
  expect(gain).toBeLessThan(20);
});

test("who asks for int8 is told where it does not pay", () => {
  expect(int8Warning(2.8)).toBeUndefined();
  expect(int8Warning(0.9)).toBe(
    "precision int8: its products are only 0.90 × as fast as float32's on this machine; precision float32 trains as fast, and exactly",
  );
});

test("a run in int8 learns about as fast, is the same every time, and goes on in int8 only", async () => {
  const folder = mkdtempSync(join(tmpdir(), "int8-"));
  const text = "abcdefgh".repeat(60);
  const run = (precision: Precision, out?: string, mode: "fresh" | "resume" = "fresh") =>
    train({
      model: gpt2({ n_layer: 1, n_head: 2, n_embd: 64, embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 }),
      tokenizer: charTokenizer(text),
      task: languageModeling({ blockSize: 8 }),
      data: { train: text },
      threads: 1,
      training: { batchSize: 8, maxSteps: 20, learningRate: 0.01, loggingSteps: 1, precision },
      ...(out !== undefined && { out, mode }),
    });
  const losses = async (events: AsyncIterable<TrainEvent>) => {
    const found: number[] = [];
    for await (const event of events) if (event.event === "step") found.push(event.loss);
    return found;
  };
  try {
    const [exact, once, twice] = [
      await losses(run("float32")),
      await losses(run("int8", join(folder, "run"))),
      await losses(run("int8")),
    ];
    expect(once).toEqual(twice);
    expect(once).not.toEqual(exact);
    const apart = once.map((loss, i) => Math.abs(loss - exact[i]!)); // a step where the loss falls fast: up to 0.06
    expect(apart.reduce((a, b) => a + b) / apart.length).toBeLessThan(0.015);
    expect(apart.at(-1)).toBeLessThan(0.002);
    await expect(losses(run("float32", join(folder, "run"), "resume"))).rejects.toThrow(
      '--resume with other settings than the run\'s: training.precision "int8" → "float32"; give those it was begun with, or --overwrite it',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
