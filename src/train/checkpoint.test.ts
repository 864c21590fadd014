import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSafetensors } from "../formats/index.ts";
import { loadCheckpoint, saveCheckpoint, type Tensors } from "./checkpoint.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "checkpoint-"));
  folder = join(root, "checkpoints");
});
afterEach(() => rmSync(root, { recursive: true }));

const tensors = (shapes: Readonly<Record<string, readonly number[]>>, value: number): Tensors =>
  new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
      return [name, { shape, data }];
    }),
  );
const model = (value: number) => tensors({ "h.weight": [2, 3], "h.bias": [3] }, value);
const optimizer = (value: number) => tensors({ "h.weight.m": [2, 3], "h.bias.m": [3] }, -value);
const save = (step: number, options = {}) =>
  saveCheckpoint(
    folder,
    { step, model: model(step), optimizer: optimizer(step), trainerState: { step }, rngState: { seed: 7 } },
    options,
  );

test("what was saved is loaded, into the arrays that are there", () => {
  expect(save(500)).toBe(join(folder, "step-500"));
  const [weights, slots] = [model(0), optimizer(0)];
  const loaded = loadCheckpoint(join(folder, "step-500"), weights, slots);
  expect(loaded).toEqual({ trainerState: { step: 500 }, rngState: { seed: 7 } });
  expect([weights, slots]).toEqual([model(500), optimizer(500)]);
  const files = ["model.safetensors", "optimizer.safetensors", "rng_state.json", "trainer_state.json"];
  expect(readdirSync(join(folder, "step-500")).sort()).toEqual(files);
  expect(readFileSync(join(folder, "latest"), "utf8")).toBe("step-500");
});

test("a step is saved again over itself, and over what was left of it", () => {
  save(5, { keep: 1 });
  cpSync(join(folder, "step-5"), join(folder, ".unfinished-step-5"), { recursive: true });
  cpSync(join(folder, "step-5"), join(folder, ".unfinished-old-step-5"), { recursive: true });
  writeFileSync(join(folder, ".unfinished-step-5", "rest"), "");
  save(5, { keep: 1 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-5"]);
  expect(readdirSync(join(folder, "step-5"))).toHaveLength(4);
});

test.each([
  [model(0), tensors({ "h.weight.m": [2, 3] }, 0), 'optimizer.safetensors: has unexpected "h.bias.m"'],
  [tensors({ "h.weight": [2, 3], wte: [4] }, 0), optimizer(0), 'model.safetensors: lacks "wte"'],
  [
    tensors({ "h.weight": [3, 2], "h.bias": [3] }, 0),
    optimizer(0),
    'model.safetensors: "h.weight" is [2, 3], but the run makes it [3, 2]',
  ],
])("names and shapes that differ are told before a number is changed", (weights, slots, message) => {
  const path = save(1);
  const before = structuredClone([weights, slots]);
  expect(() => loadCheckpoint(path, weights, slots)).toThrow(`${path}/${message}; is this another model's run?`);
  expect([weights, slots]).toEqual(before);
});

test("other numbers than float32, and states that are no objects, are refused", () => {
  const path = save(1);
  const halves = [...model(1)].map(([name, x]) => [name, { dtype: "float32", ...x }] as const);
  writeSafetensors(join(path, "model.safetensors"), new Map(halves), { store: "F16" });
  expect(() => loadCheckpoint(path, model(0), optimizer(0))).toThrow(
    `${path}/model.safetensors: "h.weight" is F16, but the run makes it F32`,
  );
  writeFileSync(join(path, "rng_state.json"), "[1]");
  expect(() => loadCheckpoint(path, model(0), optimizer(0))).toThrow(
    `${path}/rng_state.json: must hold an object, but holds [1]`,
  );
});

test("a state that JSON cannot hold is refused, and leaves nothing", () => {
  save(1);
  const bad = {
    step: 2,
    model: model(2),
    optimizer: optimizer(2),
    trainerState: {},
    rngState: { a: { b: Number.NaN } },
  };
  expect(() => saveCheckpoint(folder, bad)).toThrow(`${folder}/step-2: the state's "b" is NaN, which JSON cannot hold`);
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-1"]);
  expect(existsSync(join(folder, "step-1", "rng_state.json"))).toBe(true);
});
