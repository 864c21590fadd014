/** One side of a comparison: a process that trains a case and says what it measured. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { Case } from "../src/cli/cases.ts";
import type { Precision } from "../src/onnx/index.ts";
import type { Device } from "../src/runtime/engine.ts";

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

export interface OurOptions {
  readonly threads: number;
  readonly precision?: Precision;
  readonly device?: Device;
}

export const runOurs = (
  name: string,
  folder: string,
  { threads, precision = "float32", device = "cpu" }: OurOptions,
): Promise<Run> => spawnSide(process.execPath, [script("./ours.js"), name, folder, String(threads), precision, device]);

/** What another system does from the same folder; or why it is not there. */
export type Peer =
  | { readonly run: (given: Case, folder: string, options: PeerOptions) => Promise<Run> }
  | { readonly missing: string };

export const peers = ["torch", "tfjs", "jaxjs"] as const;

export function findPeer(name: (typeof peers)[number]): Peer {
  if (name !== "torch") return findPackage(name, { tfjs: "@tensorflow/tfjs", jaxjs: "@jax-js/jax" }[name]);
  const torch = findTorch();
  if ("missing" in torch) return torch;
  const flags = ({ compile, bf16 }: PeerOptions) => [...(compile ? ["--compile"] : []), ...(bf16 ? ["--bf16"] : [])];
  return {
    run: (given, folder, options) =>
      spawnSide(torch.python, [...stepsOf("torch_steps.py", given, folder, options), ...flags(options)]),
  };
}

/** A peer that is a package, of the folder that `$PEERS` names: it is no dependency of this project. */
function findPackage(name: string, packageName: string): Peer {
  const from = process.env["PEERS"];
  if (from === undefined) return { missing: `PEERS is not set; set it to a folder where ${packageName} is installed` };
  if (!existsSync(join(from, "node_modules", packageName)))
    return { missing: `${from} has no ${packageName}; run npm install ${packageName} there` };
  return {
    run: (given, folder, options) =>
      spawnSide(process.env["PEERS_NODE"] ?? process.execPath, stepsOf(`${name}_steps.mjs`, given, folder, options)),
  };
}

const stepsOf = (file: string, { warm, steps }: Case, folder: string, { threads }: PeerOptions): string[] => [
  ...[fileURLToPath(new URL(`../../bench/peers/${file}`, import.meta.url)), folder],
  ...["--warm", String(warm), "--steps", String(steps), "--threads", String(threads)],
];

/** The Python that can import torch, `$PYTHON` or the PATH's `python3`; or why there is none. */
export function findTorch(): { readonly python: string } | { readonly missing: string } {
  const python = process.env["PYTHON"] ?? "python3";
  const { status, error } = spawnSync(python, ["-c", "import torch"], { stdio: "ignore" });
  if (status === 0) return { python };
  return { missing: error ? `there is no ${python}` : `${python} cannot import torch; set PYTHON to one that can` };
}

/** A script of this folder. */
export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * A process's last line, and the milliseconds until its first. Throws an Error with the end of what the process said
 * where it fails.
 */
export function spawnSide<T = Measured>(
  command: string,
  args: readonly string[],
): Promise<T & { readonly startup: number }> {
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
      else resolve({ ...(JSON.parse(output.trim().split("\n").at(-1)!) as T), startup });
    });
  });
}
