/** Our side and the peer in alternating processes, and what their pairs say. */
import { type Case, median } from "../src/cli/cases.ts";
import type { Precision } from "../src/onnx/index.ts";
import type { Run } from "./side.ts";

/** A case's line; what the peer did is null without one, and `why` says why. */
export interface Line {
  readonly case: string;
  readonly ours_ms: number;
  readonly peer_ms: number | null;
  /** The median of the pairs' peer / ours: above 1, ours is faster. */
  readonly ratio: number | null;
  readonly peer: string | null;
  readonly ours_loss: number;
  readonly peer_loss: number | null;
  /** Bytes, the most that was resident. */
  readonly ours_rss?: number;
  readonly peer_rss?: number | null;
  /** From the start of the process to the end of the first step. */
  readonly ours_startup_ms?: number;
  readonly peer_startup_ms?: number | null;
  readonly why?: string;
}

export interface Shown {
  readonly memory?: boolean;
  readonly startup?: boolean;
}

/** As many runs of each side, in turns: ours is first in every other pair. */
export async function alternate(
  pairs: number,
  ours: () => Promise<Run>,
  peer?: () => Promise<Run>,
): Promise<readonly (readonly [ours: Run, peer?: Run])[]> {
  const runs: [Run, Run?][] = [];
  for (let i = 0; i < pairs; i++) {
    if (!peer) runs.push([await ours()]);
    else if (i % 2 === 0) runs.push([await ours(), await peer()]);
    else {
      const theirs = await peer();
      runs.push([await ours(), theirs]);
    }
  }
  return runs;
}

export function lineOf(
  name: string,
  runs: readonly (readonly [ours: Run, peer?: Run])[],
  { memory, startup }: Shown = {},
  why?: string,
): Line {
  const ours = runs.map(([run]) => run);
  const peers = runs.flatMap(([, peer]) => peer ?? []);
  const of = (runs: readonly Run[], key: "ms" | "rss" | "startup", digits: number) =>
    runs.length === 0 ? null : rounded(median(runs.map((run) => run[key])), digits);
  const ratios = runs.flatMap(([run, peer]) => (peer ? [peer.ms / run.ms] : []));
  return {
    case: name,
    ours_ms: of(ours, "ms", 2)!,
    peer_ms: of(peers, "ms", 2),
    ratio: ratios.length === 0 ? null : rounded(median(ratios), 3),
    peer: peers[0]?.side ?? null,
    ours_loss: ours[0]!.loss,
    peer_loss: peers[0]?.loss ?? null,
    ...(memory && { ours_rss: of(ours, "rss", 0)!, peer_rss: of(peers, "rss", 0) }),
    ...(startup && { ours_startup_ms: of(ours, "startup", 0)!, peer_startup_ms: of(peers, "startup", 0) }),
    ...(why !== undefined && { why }),
  };
}

/** What the two sides' losses must agree in after the same steps, as a share: both in float32 with AdamW, or one in fewer bits or with Adam. */
const LIMITS = { float32: 1e-4, fewer: 5e-2 };

/** What is wrong where the sides did not do the same work; undefined: they did. */
export function disagreement(
  { case: name, peer, ours_loss, peer_loss }: Line,
  { warm, steps }: Case,
  precision: Precision = "float32",
): string | undefined {
  if (peer_loss === null || peer === null) return undefined;
  const isAlike = precision === "float32" && !/bf16$|Adam$/.test(peer);
  const limit = isAlike ? LIMITS.float32 : LIMITS.fewer;
  const apart = Math.abs(ours_loss - peer_loss) / Math.abs(peer_loss);
  if (apart <= limit) return undefined;
  return `bench: ${name}: after ${warm + steps} steps the loss is ${ours_loss} here and ${peer_loss} in ${peer}: ${apart.toExponential(1)} apart, more than ${limit}`;
}

const rounded = (x: number, digits: number) => Number(x.toFixed(digits));
