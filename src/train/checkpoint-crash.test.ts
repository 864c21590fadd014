/** Every way that the file system can stop in the middle of a checkpoint, one after the other. */
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { latestCheckpoint } from "./checkpoints.ts";

/** What the mocked file system does: it dies at a call, its disk is full from a write on, or it watches the order. */
const disk = vi.hoisted(() => ({
  calls: 0,
  diesAt: Number.POSITIVE_INFINITY,
  writes: 0,
  fullAt: Number.POSITIVE_INFINITY,
  unsynced: new Set<string>(),
  opened: new Map<number, string>(),
}));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  /** The process dies at call `diesAt`, in the middle of it, and does nothing ever after. */
  const mortal =
    <A extends unknown[], R>(call: (...args: A) => R, half: (...args: A) => void = () => {}) =>
    (...args: A): R => {
      if (disk.calls === disk.diesAt) half(...args);
      if (disk.calls++ >= disk.diesAt) throw new Error("dead");
      return call(...args);
    };
  const open = (path: string, flags: string) => {
    const file = real.openSync(path, flags);
    disk.opened.set(file, path);
    return file;
  };
  const write = (file: number, bytes: Uint8Array, from: number, length: number) => {
    if (disk.writes++ >= disk.fullAt) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
    disk.unsynced.add(disk.opened.get(file)!);
    return real.writeSync(file, bytes, from, length);
  };
  const sync = (file: number) => void disk.unsynced.delete(disk.opened.get(file)!); // and no time is lost
  const rename = (from: string, to: string) => {
    const early = [...disk.unsynced].filter((path) => path === dirname(from) || path.startsWith(from));
    if (early.length > 0) throw new Error(`${from} is renamed before ${early} is synced`);
    real.renameSync(from, to);
    if (!to.includes("old-")) disk.unsynced.add(dirname(to)); // losing a removal loses nothing
  };
  const removeOne = (path: string) => {
    const [first] = real.existsSync(path) && real.statSync(path).isDirectory() ? real.readdirSync(path) : [];
    if (first !== undefined) real.rmSync(join(path, first), { recursive: true });
  };
  return {
    ...real,
    openSync: mortal(open),
    writeSync: mortal(write, (file, bytes, from, length) => real.writeSync(file, bytes, from, length >> 1)),
    fsyncSync: mortal(sync),
    renameSync: mortal(rename),
    mkdirSync: mortal(real.mkdirSync),
    rmSync: mortal(real.rmSync, removeOne),
  };
});

const root = fs.mkdtempSync(join(tmpdir(), "crash-"));
const folder = join(root, "checkpoints");
const alive = { calls: 0, diesAt: Number.POSITIVE_INFINITY, writes: 0, fullAt: Number.POSITIVE_INFINITY };
afterAll(() => fs.rmSync(root, { recursive: true }));
beforeEach(() => void Object.assign(disk, alive));

const numbers = (value: number) => new Map([["w", { shape: [16], data: new Float32Array(16).fill(value) }]]);
const save = (step: number, life: number, keep: number) =>
  saveCheckpoint(
    folder,
    { step, model: numbers(life), optimizer: numbers(-life), trainerState: { life }, rngState: { life } },
    { keep },
  );

/** The life that wrote a checkpoint: all of its numbers must say the same. */
function lifeOf(path: string): number {
  const [model, optimizer] = [numbers(0), numbers(0)];
  const { trainerState, rngState } = loadCheckpoint(path, model, optimizer);
  const life = Number(trainerState["life"]);
  expect([rngState["life"], model, optimizer]).toEqual([life, numbers(life), numbers(-life)]);
  return life;
}

/** A folder where steps 1 and 2 are saved by life 1. */
function begin(keep: number): void {
  Object.assign(disk, alive);
  disk.unsynced.clear();
  fs.rmSync(folder, { recursive: true, force: true });
  for (const step of [1, 2]) save(step, 1, keep);
  Object.assign(disk, { calls: 0, writes: 0 });
}

test.each([
  { step: 3, keep: 2 },
  { step: 3, keep: 1 },
  { step: 2, keep: 2 },
  { step: 2, keep: 1 },
])(
  "killed at any call while it saves step $step, keeping $keep, the folder has a whole checkpoint",
  ({ step, keep }) => {
    let finished = false;
    let calls = 0;
    for (let at = 0; !finished; at++) {
      begin(keep);
      disk.diesAt = at;
      try {
        save(step, 2, keep);
        finished = true;
      } catch (error) {
        expect(error).toEqual(new Error("dead"));
      }
      Object.assign(disk, alive);

      if (step === 3) expect([2, 3]).toContain(latestCheckpoint(folder)?.step); // for who only looks
      const { step: found, path } = latestCheckpoint(folder, { clear: true })!;
      expect([2, step]).toContain(found);
      if (step === 3) expect(lifeOf(path)).toBe(found - 1);
      for (const name of fs.readdirSync(folder).filter((name) => name !== "latest")) lifeOf(join(folder, name));
      save(4, 3, keep);
      expect(latestCheckpoint(folder)?.step).toBe(4);
      expect(fs.readdirSync(folder)).toHaveLength(keep + 1);
      calls = at;
    }
    expect(calls).toBeGreaterThan(30);
  },
);

test("nothing is renamed before what it holds is synced, nor before the last rename is", () => {
  begin(1); // the mocked rename throws otherwise
  save(3, 2, 1);
  expect([...disk.unsynced]).toEqual([]);
});

test("a disk that is full at any write leaves the last checkpoint, and says so in one line", () => {
  begin(2);
  save(3, 2, 2);
  const writes = disk.writes;
  expect(writes).toBeGreaterThan(6);
  for (let at = 0; at < writes; at++) {
    begin(2);
    disk.fullAt = at;
    expect(() => save(3, 2, 2)).toThrow(
      new Error(
        `${folder}/step-3: the disk is full; free some space and try again; step-2 is whole, and --resume goes on from it`,
      ),
    );
    expect(latestCheckpoint(folder)?.step).toBe(2);
    const left = at < writes - 1 ? ["latest", "step-1", "step-2"] : ["latest", "step-1", "step-2", "step-3"];
    expect(fs.readdirSync(folder).sort()).toEqual(left);
  }
});

test("a disk that is full from the start is told so", () => {
  fs.rmSync(folder, { recursive: true, force: true });
  disk.fullAt = disk.writes;
  expect(() => save(1, 1, 2)).toThrow(
    `${folder}/step-1: the disk is full; free some space and try again; there is no checkpoint before it`,
  );
  expect(fs.readdirSync(folder)).toEqual([]);
});
