/** `train` that does not come to its end: Ctrl-C, a full disk, numbers that are none. What it leaves is whole. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openFolder } from "../src/hub/index.ts";
import { latestCheckpoint } from "../src/train/checkpoints.ts";
import type { TrainEvent } from "../src/train/events.ts";
import { readEvents } from "../src/train/events-file.ts";
import { data, root, tiny } from "./small-training.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const words = (out: string, ...flags: string[]) => ["train", ...tiny, "--data", data, "--out", out, ...flags];
const of = (events: readonly TrainEvent[], ...kinds: TrainEvent["event"][]) =>
  events
    .filter(({ event }) => kinds.includes(event))
    .map((event) => (event.event === "step" ? { ...event, elapsed_ms: 0, tokens_per_second: 0 } : event));

/** Ctrl-C, once, when the event of a step is told. */
const atStep = (step: number) => ({
  during(child: ChildProcess) {
    let pressed = false;
    child.stdout!.on("data", (text: string) => {
      if (!pressed && text.includes(`"step":${step},`)) pressed = child.kill("SIGINT");
    });
  },
});

test("Ctrl-C saves a checkpoint and ends with 130; the run that goes on has the events of an unbroken one", async () => {
  const unbroken = join(root, "unbroken");
  const flags = ["--max-steps", "300", "--logging-steps", "1", "--eval-steps", "30", "--json"];
  await trainformer(words(unbroken, ...flags));
  for (const step of [47, 60]) {
    // in a step, and in an evaluation
    const out = join(root, `broken-${step}`);
    const interrupted = await trainformer(words(out, ...flags), atStep(step));
    expect(interrupted).toMatchObject({
      status: 130,
      stderr: `interrupted; to go on: add --resume --out ${out}\ninterrupted\n`,
    });
    const last = jsonLines(interrupted).at(-1) as { event: string; step: number };
    expect(last.event).toBe("checkpoint");
    expect(last.step).toBeGreaterThanOrEqual(step);
    expect(last.step).toBeLessThan(300);
    expect(latestCheckpoint(join(out, "checkpoints"))?.step).toBe(last.step);
    expect(await trainformer(words(out, ...flags, "--resume"))).toMatchObject({ status: 0 });
    expect(of(readEvents(out), "step", "evaluation")).toEqual(of(readEvents(unbroken), "step", "evaluation"));
  }
}, 60_000);

test("a second Ctrl-C ends it without waiting for a checkpoint", async () => {
  const out = join(root, "twice");
  const slow = ["--set", "n_embd=256", "n_layer=4", "--batch-size", "64", "--logging-steps", "1", "--json"];
  const { status, stderr } = await trainformer(words(out, ...slow), {
    during: (child) =>
      child.stdout!.on("data", (text: string) => {
        if (!text.includes('"event":"step"')) return;
        child.kill("SIGINT");
        setTimeout(() => child.kill("SIGINT"), 30); // within the step
      }),
  });
  expect({ status, stderr }).toEqual({ status: 130, stderr: "" });
  expect(latestCheckpoint(join(out, "checkpoints"))).toBeUndefined();
}, 60_000);

test("Ctrl-C before the first evaluation leaves the weights of now in the folder", async () => {
  const out = join(root, "early");
  await trainformer(words(out, "--learning-rate", "0.05", "--json"), atStep(50));
  const loss = async (folder: string) =>
    jsonLines(await trainformer(["evaluate", folder, "--data", data, "--threads", "1", "--json"]))[0]!["loss"];
  expect(await loss(out)).toBeLessThan(2.7);
}, 60_000);

test.each([
  [
    "",
    /^train: step 2: the (loss is NaN|gradient's norm is (NaN|Infinity)).*; the weights are as step 1 left them; the first/,
  ],
  [
    "--eval-steps 1",
    /^train: step 1: the validation loss is (NaN|Infinity); the first of them: .+ in transformer\.h\.0\./,
  ],
])(
  "a loss that is no number (%s) ends it with 1, names step and layer, and spoils no weights",
  async (more, says) => {
    const out = join(root, `diverged${more.replaceAll(" ", "")}`);
    const diverging = ["--learning-rate", "1e30", "--max-grad-norm", "0", "--lr-scheduler-type", "constant", "--json"];
    const ended = await trainformer(words(out, ...diverging, ...more.split(" ").filter(Boolean)));
    const error = jsonLines(ended).at(-1) as { event: string; message: string };
    expect(ended).toMatchObject({ status: 1, stderr: `error: ${error.message}\n` });
    expect(error.message).toMatch(says);
    expect(error.message).toContain(" in transformer.h.0.");
    using folder = openFolder(out);
    for (const [name, { shape }] of folder.params) {
      const numbers = new Float32Array(shape.reduce((a, b) => a * (b as number), 1));
      folder.read(name, numbers);
      expect(numbers.every((x) => Math.abs(x) < 10)).toBe(true);
    }
  },
  60_000,
);

/** A disk of its own for a few commands, where the system lets us have one. */
const disk = join(root, "disk");
mkdirSync(disk);
const onSmallDisk = (size: string, script: string) =>
  spawnSync("unshare", ["-rm", "sh", "-c", `mount -t tmpfs -o size=${size} none "${disk}" && ${script}`], {
    encoding: "utf8",
  });
const hasSmallDisk = process.platform === "linux" && onSmallDisk("64k", "true").status === 0;

test.skipIf(!hasSmallDisk)(
  "a disk that fills: exit 1, the last checkpoint whole; skipped where none can be mounted",
  () => {
    const bin = fileURLToPath(new URL("../bin/trainformer.js", import.meta.url));
    const out = join(disk, "run");
    const command = [process.execPath, bin, ...words(out, "--max-steps", "9", "--save-steps", "1", "--quiet")];
    const train = command.map((word) => `'${word}'`).join(" ");
    const script = `${train}; echo "status $?"; mount -o remount,size=2m "${disk}"; ${train} --resume >/dev/null; echo "status $?"; cat "${out}/checkpoints/latest"`;
    const { stdout, stderr } = onSmallDisk("240k", script);
    expect(stderr).toMatch(
      /^error: .*\/step-\d: the disk is full; free some space and try again; step-\d is whole, and --resume goes on from it\n$/,
    );
    expect(stdout).toBe("status 1\nstatus 0\nstep-9");
    expect(existsSync(out)).toBe(false); // it went with the disk
  },
  60_000,
);
