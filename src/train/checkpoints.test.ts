import {
  cpSync,
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
import { saveCheckpoint } from "./checkpoint.ts";
import { latestCheckpoint } from "./checkpoints.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "checkpoints-"));
  folder = join(root, "checkpoints");
});
afterEach(() => rmSync(root, { recursive: true }));

const numbers = (value: number) => new Map([["w", { shape: [3], data: new Float32Array(3).fill(value) }]]);
const save = (step: number, options = {}) => {
  const states = { trainerState: { step }, rngState: {} };
  return saveCheckpoint(folder, { step, model: numbers(step), optimizer: numbers(-step), ...states }, options);
};

test("the newest stay and the best one, however steps sort as texts", () => {
  for (let step = 7; step <= 12; step++) save(step);
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-11", "step-12"]);
  save(13, { keep: 1, best: 11 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-11", "step-13"]);
  save(14, { keep: 1 });
  expect(readdirSync(folder).sort()).toEqual(["latest", "step-14"]);
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
