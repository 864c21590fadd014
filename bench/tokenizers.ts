/**
 * `npm run bench -- tokenizers`: published vocabularies on a text, ours and Rust's `tokenizers`, in processor seconds of one
 * thread, which neighbours on the machine disturb less than the clock; and the training of 8,000 merges.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { table } from "../src/cli/ui/table.ts";
import {
  fromJson,
  fromSentencePiece,
  fromVocabAndMerges,
  fromVocabTxt,
  readSentencePiece,
  type TokenizerJson,
  trainBpeTokenizer,
} from "../src/tokenizers/index.ts";

interface Options {
  /** The text that is encoded, and learned from. */
  readonly text: string;
  /** A folder with gpt2/, bert_uncased/ and spm_unigram_en/. */
  readonly vocabularies: string;
  readonly json?: boolean;
}

interface Line {
  readonly case: string;
  readonly ours_mb_s: number;
  readonly peer_mb_s?: number;
  /** Ours / peer's: more is better. */
  readonly ratio?: number;
  readonly peer: string;
}

export async function run({ text: file, vocabularies, json }: Options): Promise<void> {
  const text = readFileSync(file, "utf8");
  const mb = Buffer.byteLength(text) / 1e6;
  const jsons = published(vocabularies);
  const ours = await measureOurs(text, jsons);
  const peer = measurePeer(file, jsons);
  const lines = [...ours].map(([name, seconds]): Line => {
    const theirs = peer.seconds.get(name);
    return {
      case: name,
      ours_mb_s: mb / seconds,
      ...(theirs !== undefined && { peer_mb_s: mb / theirs, ratio: theirs / seconds }),
      peer: peer.name,
    };
  });
  if (json) for (const line of lines) console.log(JSON.stringify(line));
  const rows = lines.map((line) => [
    line.case,
    line.ours_mb_s.toFixed(2),
    line.peer_mb_s?.toFixed(2) ?? "",
    line.ratio?.toFixed(2) ?? "",
    line.peer,
  ]);
  const head = ["", "ours, MB/s", "peer's", "ratio", "peer"];
  if (!json) console.log(`${table([head, ...rows], "lrrrl")}\nper second of one thread's processor time`);
}

function published(folder: string): Record<string, TokenizerJson> {
  const read = (path: string) => readFileSync(join(folder, path));
  const model = fromSentencePiece(readSentencePiece(read("spm_unigram_en/test_model.model"), "test_model.model"));
  const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };
  const [charsmap = null] = (model.normalizer as { normalizers: TokenizerJson["normalizer"][] }).normalizers;
  return {
    "gpt2 bpe": fromVocabAndMerges(JSON.parse(String(read("gpt2/encoder.json"))), String(read("gpt2/vocab.bpe"))),
    "bert wordpiece": fromVocabTxt(String(read("bert_uncased/vocab.txt"))),
    "t5 unigram": {
      ...model,
      normalizer: charsmap,
      pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, metaspace] },
      decoder: metaspace,
    },
  };
}

async function measureOurs(text: string, jsons: Record<string, TokenizerJson>): Promise<Map<string, number>> {
  const lines = text.split(/(?<=\n)/);
  const docs: string[] = [];
  for (let i = 0; i < lines.length; i += 100) docs.push(lines.slice(i, i + 100).join(""));
  const seconds = new Map<string, number>();
  const measure = async (name: string, work: () => unknown, times = 5) => {
    const spent: number[] = [];
    for (let i = 0; i < times; i++) {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      spent.push((user + system) / 1e6);
    }
    seconds.set(name, spent.sort((a, b) => a - b)[times >> 1]!);
  };
  for (const [name, json] of Object.entries(jsons)) {
    const tokenizer = fromJson(json);
    for (let i = 0; i < 3; i++) tokenizer.encode(text); // the cache is warm, and the code compiled
    await measure(`${name} with offsets`, () => tokenizer.encode(text, { addSpecialTokens: false }));
    await measure(`${name} ids`, () => docs.map((doc) => tokenizer.encodeIds(doc)));
  }
  await measure("train bpe 8000", () => trainBpeTokenizer(text, { vocabSize: 8000, specialTokens: {} }), 1);
  return seconds;
}

function measurePeer(file: string, jsons: Record<string, TokenizerJson>) {
  const folder = mkdtempSync(join(tmpdir(), "bench-tokenizers-"));
  try {
    for (const [name, json] of Object.entries(jsons)) writeFileSync(join(folder, `${name}.json`), JSON.stringify(json));
    const script = fileURLToPath(new URL("../../bench/peers/rust_tokenizers.py", import.meta.url));
    const env = { ...process.env, TOKENIZERS_PARALLELISM: "false", RAYON_NUM_THREADS: "1" };
    const python = process.env["PYTHON"] ?? "python3";
    const { status, stdout } = spawnSync(python, [script, folder, file], { env, encoding: "utf8" });
    if (status !== 0) return { name: `${python} has no package tokenizers`, seconds: new Map<string, number>() };
    const lines = stdout.trimEnd().split("\n");
    const found = lines.map((line) => JSON.parse(line) as { case: string; seconds: number; peer: string });
    return { name: found[0]!.peer, seconds: new Map(found.map((one) => [one.case, one.seconds])) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
