import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { saveCheckpoint } from "./checkpoint.ts";
import { prepareRun, type RunFiles, readRun } from "./run-folder.ts";

let root: string;
let out: string;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "run-"));
  out = join(root, "runs", "first");
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const files = (training = {}, card = "# Card"): RunFiles => ({
  settings: {
    model: { model_type: "gpt2", n_layer: 2 },
    task: "language-modeling",
    tokenizer: "char",
    data: { train: [{ name: "a.txt", bytes: 100, sha256: "ab" }] },
    training: { batchSize: 12, saveSteps: 500, ...training },
  },
  generation: { eos_token_id: 0 },
  card,
  saveTokenizer: (folder) => fs.writeFileSync(join(folder, "tokenizer.json"), "{}"),
});
const read = (name: string) => fs.readFileSync(join(out, name), "utf8");
const checkpoint = (step: number) =>
  saveCheckpoint(join(out, "checkpoints"), {
    step,
    model: new Map(),
    optimizer: new Map(),
    trainerState: {},
    rngState: {},
  });
const begin = async () => (await prepareRun(out, "fresh", files())).close();
const START = ["README.md", "config.json", "generation_config.json", "run.json", "tokenizer.json"];

test("a new run's folder is a model's from the start, and given back without a trace of its holder", async () => {
  const run = await prepareRun(out, "fresh", files());
  expect(run).toMatchObject({ path: out, checkpoints: join(out, "checkpoints"), from: undefined, changed: [] });
  expect(fs.readdirSync(out).filter((name) => !name.startsWith(".lock-"))).toEqual(START);
  expect(JSON.parse(read("config.json"))).toEqual({ model_type: "gpt2", n_layer: 2 });
  expect(JSON.parse(read("generation_config.json"))).toEqual({ eos_token_id: 0 });
  expect([read("README.md"), readRun(out)]).toEqual(["# Card", files().settings]);
  run.close();
  expect(fs.readdirSync(out)).toEqual(START);
});

test("an empty folder, and one with hidden files only, will do", async () => {
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(join(out, ".gitkeep"), "");
  await begin();
  expect(fs.readdirSync(out)).toEqual([".gitkeep", ...START]);
});

test("a run goes on from its latest checkpoint, with what may differ, and keeps what a person changed", async () => {
  await begin();
  checkpoint(500);
  fs.writeFileSync(join(out, "README.md"), "# Results");
  fs.writeFileSync(join(out, ".unfinished-0123456789abcdef"), "half");
  using run = await prepareRun(out, "resume", files({ saveSteps: 100 }));
  expect(run.from).toEqual({ step: 500, path: join(out, "checkpoints", "step-500") });
  expect(run.changed).toEqual([{ key: "training.saveSteps", before: 500, now: 100 }]);
  expect([read("README.md"), readRun(out)["training"]]).toEqual(["# Results", { batchSize: 12, saveSteps: 100 }]);
  expect(fs.readdirSync(out)).not.toContain(".unfinished-0123456789abcdef");
});

test("a run that was killed before its first checkpoint begins anew, all of its files whole", async () => {
  await begin();
  for (const name of ["config.json", "tokenizer.json", "README.md"]) fs.rmSync(join(out, name));
  using run = await prepareRun(out, "resume", files());
  expect(run.from).toBeUndefined();
  expect(fs.readdirSync(out).filter((name) => !name.startsWith("."))).toEqual(START);
});

test("--overwrite replaces the run, and leaves what is not of it", async () => {
  await begin();
  checkpoint(500);
  for (const name of ["events.jsonl", "model.safetensors", "vocab.json", "notes.txt"])
    fs.writeFileSync(join(out, name), "old");
  (await prepareRun(out, "overwrite", files({ batchSize: 16 }, "# New"))).close();
  expect(fs.readdirSync(out)).toEqual([...START, "notes.txt"].sort());
  expect([read("README.md"), readRun(out)["training"]]).toEqual(["# New", { batchSize: 16, saveSteps: 500 }]);
  using run = await prepareRun(join(root, "another"), "overwrite", files()); // nothing to replace is no error
  expect(run.from).toBeUndefined();
});

test("one process at a time holds a run; an error on the way gives it back", async () => {
  const failing = { ...files(), saveTokenizer: vi.fn().mockRejectedValue(new Error("no vocabulary")) };
  await expect(prepareRun(out, "fresh", failing)).rejects.toThrow("no vocabulary");
  using run = await prepareRun(out, "resume", files());
  expect(run.path).toBe(out);
  await expect(prepareRun(out, "resume", files())).rejects.toThrow(
    `${out}: process ${process.pid} is training into this folder; wait for it, or choose another --out`,
  );
});
