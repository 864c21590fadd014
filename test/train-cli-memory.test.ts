/** A long run takes no more memory than a short one: what a step allocates, it gives back. */
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { data, root, tiny } from "./small-training.ts";
import { trainformer } from "./spawn-cli.ts";

const seesMemory = existsSync("/proc/self/status");

/** Resident memory in MiB. */
const residentOf = ({ pid }: ChildProcess): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

test.skipIf(!seesMemory)(
  "the highest of its third thousand steps is that of the second (skipped without /proc)",
  async () => {
    const highest = [0, 0, 0]; // in each thousand steps; in the first, the engine and V8 settle
    const words = ["train", ...tiny, "--data", data, "--out", join(root, "run"), "--max-steps", "3000", "--json"];
    const { status } = await trainformer(words, {
      during: (child) =>
        child.stdout!.on("data", (text: string) => {
          const steps = [...text.matchAll(/"event":"step","step":(\d+)/g)];
          const last = Number(steps.at(-1)?.[1] ?? 3000);
          if (last === 3000) return; // the end: the curve is drawn
          const thousand = Math.floor(last / 1000);
          highest[thousand] = Math.max(highest[thousand]!, residentOf(child));
        }),
    });
    expect(status).toBe(0);
    expect(highest[1]).toBeGreaterThan(50);
    expect(highest[2]! / highest[1]!).toBeLessThan(1.05);
  },
  60_000,
);
