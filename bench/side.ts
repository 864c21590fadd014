/** One side of a comparison: a process that trains a case and says what it measured. */
import { spawn, spawnSync } from "node:child_process";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { Case } from "../src/cli/cases.ts";
import type { Precision } from "../src/onnx/index.ts";

/** The last line that a side prints. */
export interface Measured {
  /** What it is, with its version. */
  readonly side: string;
  /** The median step's milliseconds. */
  readonly ms: number;
  /** At the last step. */
  readonly loss: number;
  /** The most memory that was resident, in bytes. */
  readonly rss: number;
}
export interface Run extends Measured {
  /** From the start of the process to the end of its first step, in milliseconds. */
  readonly startup: number;
}

export interface PeerOptions {
  readonly threads: number;
  readonly compile?: boolean;
  readonly bf16?: boolean;
}

export const runOurs = (
  name: string,
  folder: string,
  { threads, precision = "float32" }: Pick<PeerOptions, "threads"> & { readonly precision?: Precision },
): Promise<Run> => {
  const script = fileURLToPath(new URL("./ours.js", import.meta.url));
  return run(process.execPath, [script, name, folder, String(threads), precision]);
};

export const runTorch = (python: string, { warm, steps }: Case, folder: string, options: PeerOptions): Promise<Run> =>
  run(python, [
    ...[fileURLToPath(new URL("../../bench/peers/torch_steps.py", import.meta.url)), folder],
    ...["--warm", String(warm), "--steps", String(steps), "--threads", String(options.threads)],
    ...(options.compile ? ["--compile"] : []),
    ...(options.bf16 ? ["--bf16"] : []),
  ]);

/** The Python that can import torch, `$PYTHON` or the PATH's `python3`; or why there is none. */
export function findTorch(): { readonly python: string } | { readonly missing: string } {
  const python = process.env["PYTHON"] ?? "python3";
  const { status, error } = spawnSync(python, ["-c", "import torch"], { stdio: "ignore" });
  if (status === 0) return { python };
  return { missing: error ? `there is no ${python}` : `${python} cannot import torch; set PYTHON to one that can` };
}

/** Throws an Error with the end of what the process said where it fails. */
function run(command: string, args: readonly string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [output, complaint, startup] = ["", "", Number.NaN];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (output === "") startup = performance.now() - start;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    child.on("error", reject).on("close", (status) => {
      if (status !== 0)
        reject(new Error(`bench: ${command} ended with status ${status}: ${complaint.trim().slice(-500)}`));
      else resolve({ ...(JSON.parse(output.trim().split("\n").at(-1)!) as Measured), startup });
    });
  });
}
