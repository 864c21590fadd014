/** A run that is killed while its folder is made or replaced, at every call to the file system. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { saveCheckpoint } from "./checkpoint.ts";
import { prepareRun, type RunFiles, readRun } from "./run-folder.ts";

const disk = vi.hoisted(() => ({ calls: 0, diesAt: Number.POSITIVE_INFINITY }));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const mortal =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      if (disk.calls++ >= disk.diesAt) throw new Error("dead");
      return call(...args);
    };
  return {
    ...real,
    openSync: mortal(real.openSync),
    writeSync: mortal(real.writeSync as (file: number, bytes: Uint8Array) => number),
    writeFileSync: mortal(real.writeFileSync),
    fsyncSync: mortal(() => {}),
    renameSync: mortal(real.renameSync),
    mkdirSync: mortal(real.mkdirSync),
    rmSync: mortal(real.rmSync),
  };
});

const root = fs.mkdtempSync(join(tmpdir(), "run-crash-"));
const out = join(root, "run");
const live = () => Object.assign(disk, { calls: 0, diesAt: Number.POSITIVE_INFINITY });
afterAll(() => fs.rmSync(root, { recursive: true }));
beforeEach(() => {
  live();
  fs.rmSync(out, { recursive: true, force: true });
});

const files = (batchSize: number): RunFiles => ({
  settings: { model: {}, task: "t", tokenizer: "char", data: [], training: { batchSize } },
  generation: {},
  card: `${batchSize}`,
  saveTokenizer: () => {},
});
const save = () =>
  saveCheckpoint(join(out, "checkpoints"), {
    step: 5,
    model: new Map(),
    optimizer: new Map(),
    trainerState: {},
    rngState: {},
  });

/** Lets it die at a call; did it come to its end before? The lock of a dead process is no longer this process's. */
async function survives(at: number, mode: "fresh" | "overwrite"): Promise<boolean> {
  Object.assign(disk, { calls: 0, diesAt: at });
  const run = await prepareRun(out, mode, files(2)).catch((error) => {
    expect(error).toEqual(new Error("dead"));
  });
  live();
  run?.close();
  return run !== undefined;
}

test("killed while a new run's folder is made, it is still new, or can go on", async () => {
  let at = 0;
  for (; !(await survives(at, "fresh")); at++) {
    const begun = fs.existsSync(join(out, "run.json"));
    const run = await prepareRun(out, begun ? "resume" : "fresh", files(2));
    expect([run.from, fs.readFileSync(join(out, "README.md"), "utf8")]).toEqual([undefined, "2"]);
    run.close();
    expect(fs.readdirSync(out)).toEqual(["README.md", "config.json", "generation_config.json", "run.json"]);
    fs.rmSync(out, { recursive: true });
  }
  expect(at).toBeGreaterThan(20);
});

test("killed while a run is replaced, the old one goes on, the old one begins anew, or the new one begins", async () => {
  let at = 0;
  const seen = new Set<string>();
  for (; ; at++) {
    (await prepareRun(out, "fresh", files(1))).close();
    save();
    if (await survives(at, "overwrite")) break;
    const { batchSize } = readRun(out)["training"] as { batchSize: number };
    const run = await prepareRun(out, "resume", files(batchSize));
    seen.add(`${batchSize === 1 ? "old" : "new"} from ${run.from?.step ?? "the start"}`);
    if (!run.from) expect(fs.readFileSync(join(out, "README.md"), "utf8")).toBe(`${batchSize}`);
    run.close();
    fs.rmSync(out, { recursive: true });
  }
  expect([...seen]).toEqual(["old from 5", "old from the start", "new from the start"]);
});
