/** Real kills and a really full disk, on processes that do nothing but save. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadCheckpoint } from "./checkpoint.ts";
import { latestCheckpoint } from "./checkpoints.ts";

const root = mkdtempSync(join(tmpdir(), "kill-"));
afterAll(() => rmSync(root, { recursive: true }));

const KILLS = 30;
const ELEMENTS = 400_000; // long enough to be killed in

/** Saves `steps` more checkpoints, every number of each its step; a line for each once it is done. */
const saver = (folder: string, elements: number, steps: number) => `
  import { writeSync } from "node:fs";
  import { saveCheckpoint } from "${new URL("../../dist/src/train/checkpoint.js", import.meta.url)}";
  import { latestCheckpoint } from "${new URL("../../dist/src/train/checkpoints.js", import.meta.url)}";
  const folder = ${JSON.stringify(folder)};
  const numbers = (value) => new Map([["w", { shape: [${elements}], data: new Float32Array(${elements}).fill(value) }]]);
  const begin = latestCheckpoint(folder, { clear: true })?.step ?? 0;
  for (let step = begin + 1; step <= begin + ${steps}; step++) {
    const state = { trainerState: { step }, rngState: { step } };
    try { saveCheckpoint(folder, { step, model: numbers(step), optimizer: numbers(-step), ...state }); }
    catch (error) { writeSync(1, error.message + "\\n"); process.exit(1); }
    writeSync(1, step + "\\n");
  }`;

/** The steps that it said it had saved before it was killed, `after` milliseconds past its first. */
function live(folder: string, after: number): Promise<number[]> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", saver(folder, ELEMENTS, 1_000)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (data: Buffer) => {
    if (text === "") setTimeout(() => child.kill("SIGKILL"), after);
    text += data;
  });
  return new Promise((resolve) => {
    child.on("close", () => resolve(text.split("\n").slice(0, -1).map(Number)));
  });
}

test(`killed ${KILLS} times at random moments, the last checkpoint or the one in work is there, whole`, async () => {
  const folder = join(root, "checkpoints");
  const numbers = () => new Map([["w", { shape: [ELEMENTS], data: new Float32Array(ELEMENTS) }]]);
  let said = 0;
  let inside = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const steps = await live(folder, Math.random() * 60);
    said = steps.at(-1) ?? said;
    inside += Number(readdirSync(folder).some((name) => name.startsWith(".")));
    const { step, path } = latestCheckpoint(folder)!;
    expect([said, said + 1]).toContain(step);
    const [model, optimizer] = [numbers(), numbers()];
    expect(loadCheckpoint(path, model, optimizer)).toEqual({ trainerState: { step }, rngState: { step } });
    expect(model.get("w")!.data.every((x) => x === step)).toBe(true);
    expect(optimizer.get("w")!.data.every((x) => x === -step)).toBe(true);
  }
  expect(inside).toBeGreaterThan(0);
}, 120_000);

/** A disk of its own for one command, where the system lets us have one. */
const onSmallDisk = (command: string, size: string) =>
  spawnSync("unshare", ["-rm", "sh", "-c", `mount -t tmpfs -o size=${size} none "${root}" && ${command}`], {
    encoding: "utf8",
  });
const hasSmallDisk = process.platform === "linux" && onSmallDisk("true", "64k").status === 0;

test.skipIf(!hasSmallDisk)("a full disk stops it; skipped where no small disk can be mounted", () => {
  const folder = join(root, "small");
  const command = `mkdir "${folder}" && "${process.execPath}" --input-type=module -e '${saver(folder, 10_000, 9)}'; ls -A "${folder}"`;
  const { stdout } = onSmallDisk(command, "200k"); // a checkpoint has 80 kB
  expect(stdout.split("\n").slice(0, -1)).toEqual([
    "1",
    "2",
    `${folder}/step-3: the disk is full; free some space and try again; step-2 is whole, and --resume goes on from it`,
    "latest",
    "step-1",
    "step-2",
  ]);
});
