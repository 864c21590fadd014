/** How fast GPT-2 small goes on with a prompt, ours and PyTorch's in turns: batch 1, greedy, from drawn weights that both read. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../src/cli/cases.ts";
import { table } from "../src/cli/ui/table.ts";
import { bytes } from "../src/cli/ui/words.ts";
import { type HostTensor, writeSafetensors } from "../src/formats/index.ts";
import { build, gpt2 } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { fillInitial } from "../src/nn/init.ts";
import { below, keyOf } from "../src/random.ts";
import { count } from "../src/tensor/dtype.ts";
import { findTorch, script, spawnSide } from "./side.ts";

export const spec = gpt2({}); // its defaults are GPT-2 small's
export const HEAD = "GPT2LMHeadModel";
const PROMPT = 256;
const NEW = 64;
export const prompt = (): number[] =>
  Array.from({ length: PROMPT }, (_, i) => below(spec.config.vocab_size, keyOf(0, "prompt"), i));

/** The last line that a side prints. */
export interface Decoded {
  /** What it is, with its version. */
  readonly side: string;
  /** Milliseconds to the first token, everything loaded. */
  readonly prefill: number;
  /** Tokens a second, after the first. */
  readonly rate: number;
  readonly tokens: readonly number[];
  /** The most memory that was resident, in bytes. */
  readonly rss: number;
}

interface Options {
  readonly peer?: string;
  readonly threads: number;
  readonly pairs: number;
}

/** Prints a table; throws an Error where the two sides' tokens differ. */
export async function run({ peer, threads, pairs }: Options): Promise<void> {
  const torch = peer === "torch" ? findTorch() : undefined;
  const folder = writePrompt();
  try {
    const runs: (Decoded & { readonly startup: number })[][] = [[], []];
    for (let i = 0; i < pairs; i++) {
      const ours = [script("./ours-decode.js"), folder, String(NEW), String(threads)];
      runs[0]!.push(await spawnSide<Decoded>(process.execPath, ours));
      if (!torch || !("python" in torch)) continue;
      const theirs = fileURLToPath(new URL("../../bench/peers/torch_decode.py", import.meta.url));
      runs[1]!.push(
        await spawnSide<Decoded>(torch.python, [theirs, folder, "--new", String(NEW), "--threads", String(threads)]),
      );
    }
    const rows = runs.flatMap((side) => (side.length > 0 ? [rowOf(side)] : []));
    console.log(table([["", "decoding", "prompt", "memory", "first token after"], ...rows], "lrrrr"));
    if (torch && "missing" in torch) console.log(torch.missing);
    console.log(`GPT-2 small, ${PROMPT} + ${NEW} tokens, ${threads} threads, medians of ${pairs} runs.`);
    const [ours, theirs] = runs.map(([first]) => first?.tokens.join(" "));
    if (theirs !== undefined && ours !== theirs)
      throw new Error(`decode: the sides' tokens differ: ours ${ours}; theirs ${theirs}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function rowOf(side: readonly (Decoded & { readonly startup: number })[]): string[] {
  const of = (key: "rate" | "prefill" | "rss" | "startup") => median(side.map((run) => run[key]));
  const perSecond = (x: number) => `${x.toFixed(x < 100 ? 1 : 0)} tokens/s`;
  return [
    side[0]!.side,
    perSecond(of("rate")),
    perSecond((1000 * PROMPT) / of("prefill")),
    bytes(of("rss")),
    `${(of("startup") / 1000).toFixed(1)} s`,
  ];
}

/** A temporary folder with the weights and the prompt. */
function writePrompt(): string {
  const tensors = new Map<string, HostTensor>();
  for (const [name, { shape, init }] of namedParams(build(spec, HEAD))) {
    const data = new Float32Array(count(shape));
    fillInitial(data, init, keyOf(0, name));
    tensors.set(name, { dtype: "float32", shape, data });
  }
  const data = BigInt64Array.from(prompt(), BigInt);
  tensors.set("batch.input_ids", { dtype: "int64", shape: [1, PROMPT], data });
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  writeSafetensors(join(folder, "model.safetensors"), tensors, { metadata: { heads: "12" } });
  return folder;
}
