import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSafetensors } from "../formats/index.ts";
import { loadCheckpoint, saveCheckpoint, type Tensors } from "./checkpoint.ts";
import { latestCheckpoint } from "./checkpoints.ts";

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

test("the newest stay and the best one, however steps sort as texts", () => {
  for (let step = 7; step <= 12; step++) save(step);
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-11", "step-12"]);
  save(13, { keep: 1, best: 11 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-11", "step-13"]);
  save(14, { keep: 1 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-14"]);
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

test("a run that goes on from an earlier checkpoint leaves none of its former future", () => {
  for (const step of [1, 2, 3]) save(step, { keep: 3 });
  writeFileSync(join(folder, "latest"), "step-1\n");
  expect(latestCheckpoint(folder)).toEqual({ step: 1, path: join(folder, "step-1") });
  save(2, { keep: 3 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-1", "step-2"]);
});

test("there is no latest checkpoint without a folder, and without a whole one", () => {
  expect(latestCheckpoint(folder)).toBeUndefined();
  mkdirSync(join(folder, "step-1"), { recursive: true });
  expect(latestCheckpoint(folder)).toBeUndefined();
});

test.each(["step-9", "../step-1", "", "nonsense\0"])(
  'where `latest` says "%s", the newest whole one is taken',
  (text) => {
    for (const step of [1, 2]) save(step);
    writeFileSync(join(folder, "latest"), text);
    expect(latestCheckpoint(folder)?.step).toBe(2);
    rmSync(join(folder, "latest"));
    expect(latestCheckpoint(folder)?.step).toBe(2);
  },
);

test.each(["model.safetensors", "optimizer.safetensors", "trainer_state.json", "rng_state.json"])(
  "a checkpoint whose %s is cut or missing is passed over",
  (file) => {
    for (const step of [1, 2]) save(step);
    truncateSync(join(folder, "step-2", file), readFileSync(join(folder, "step-2", file)).length - 1);
    expect(latestCheckpoint(folder)?.step).toBe(1);
    rmSync(join(folder, "step-2", file));
    expect(latestCheckpoint(folder)?.step).toBe(1);
  },
);

test("only the owner clears away what killed processes left; one that lacked only its name gets it", () => {
  for (const step of [1, 2]) save(step);
  cpSync(join(folder, "step-2"), join(folder, ".unfinished-step-3"), { recursive: true });
  mkdirSync(join(folder, ".unfinished-step-4"));
  cpSync(join(folder, "step-1"), join(folder, ".unfinished-old-step-0"), { recursive: true });
  writeFileSync(join(folder, ".unfinished-0123456789abcdef"), "step-");
  expect(latestCheckpoint(folder)?.step).toBe(2);
  expect(readdirSync(folder)).toHaveLength(7);
  expect(latestCheckpoint(folder, { clear: true })?.step).toBe(2);
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-1", "step-2", "step-3"]);
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
