/** What reference implementations of metrics score: golden cases, and fresh ones where Python can import them. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Case {
  readonly options: object;
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  /** The reference's score and what else it tells, and its signature where it has one. */
  readonly expected: Readonly<Record<string, unknown>> & { readonly score: number; readonly signature?: string };
}

const beside = (name: string): string => fileURLToPath(new URL(`../src/metrics/golden/${name}`, import.meta.url));

export const golden = (metric: string): Case[] => JSON.parse(readFileSync(beside(`${metric}.json`), "utf8"));

const python = process.env["PYTHON"] ?? "python3";
const canScore = spawnSync(python, ["-c", "import sacrebleu, jiwer"]).status === 0;
/** Why no fresh cases can be had; undefined where they can. */
export const noPython = canScore
  ? undefined
  : `${python} cannot import sacrebleu and jiwer; set PYTHON to one that can`;

/** Corpora of up to `size` sentences of up to `longest` words, made from a seed, and what the reference gives them. */
export function fresh(
  metric: string,
  { seed, count, size, longest = 14 }: { seed: number; count: number; size: number; longest?: number },
): Case[] {
  const args = [beside("fuzz.py"), metric, ...[seed, count, size, longest].map(String)];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8", maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`fuzz.py failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** The fixtures beside the project, which only some checkouts have. */
export const shared = (path: string): URL => new URL(`../../shared/data/metrics/${path}`, import.meta.url);
