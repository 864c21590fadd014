/** `npm start`, which is `train --demo`, with flags behind it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createContext } from "./context.ts";
import { withDemo } from "./demo.ts";
import { prepared } from "./train-run.ts";

const root = mkdtempSync(join(tmpdir(), "demo-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const context = createContext({}, new AbortController().signal);
const demo = { demo: true, out: join(root, "run") } as const;

test("either name of the row's length replaces the demo's, and both are refused", async () => {
  const told = { ...demo, task: "language-modeling" };
  for (const length of [{}, { maxLength: 16 }, { blockSize: 16 }]) {
    const { task, model } = await prepared({ ...told, ...length }, context);
    expect(task.settings["blockSize"]).toBe(Object.values(length)[0] ?? 64);
    expect(model.config["n_embd"]).toBe(128);
  }
  await expect(prepared({ ...told, maxLength: 16, blockSize: 16 }, context)).rejects.toThrow(
    "--block-size and --max-length say the same",
  );
});

test("another task or model has none of the demo's sizes", async () => {
  const { task, training } = await prepared({ ...demo, task: "sequence-regression", data: ["toy:sine"] }, context);
  expect(task.name).toBe("sequence-regression");
  expect(training).toMatchObject({ batchSize: 12, maxSteps: 1800 });
  const pairs = await prepared({ ...demo, task: "translation", data: ["toy:copy"] }, context);
  expect(pairs.model.architecture.spec.modelType).toBe("seq2seq");
  expect(withDemo({ demo: true, task: "language-modeling", model: "lstm" })).not.toHaveProperty("set");
});
