/** Hugging Face's own library on the same texts: what it said (golden/pipelines.py), and what it says of fresh ones. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { strangeText } from "../../test/strange-text.ts";
import { fromJson, type Tokenizer } from "./index.ts";

interface Answer {
  json: unknown;
  encoded: { ids: number[]; tokens: string[]; offsets: number[]; words: number[]; decoded: string }[];
  pairs: Pair[];
  decoded: { ids: number[]; decoded: string; plain: string }[];
}
interface Pair {
  a: string;
  b: string;
  ids: number[];
  types: number[];
  special: number[];
  strategy: "longest_first" | "only_first";
  parts: number[][] | null;
}

function expectEqual(texts: readonly string[], { json, encoded, pairs, decoded }: Answer) {
  const tokenizer = fromJson(json);
  for (const [i, text] of texts.entries()) {
    const { ids, tokens, offsets, wordIds } = tokenizer.encode(text, { addSpecialTokens: false });
    const ours = { ids, tokens, offsets: offsets.flat(), words: wordIds, decoded: tokenizer.decode(ids) };
    expect({ text, ...ours }).toEqual({ text, ...encoded[i] });
    expect([...tokenizer.encodeIds(text)]).toEqual(ids);
    const stream = tokenizer.decodeStream();
    expect(ids.map((id) => stream.push(id)).join("") + stream.end()).toBe(ours.decoded);
  }
  for (const pair of pairs) expectPair(tokenizer, pair);
  for (const { ids, decoded: text, plain } of decoded) {
    expect({ ids, text: tokenizer.decode(ids) }).toEqual({ ids, text });
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(plain);
  }
}

function expectPair(tokenizer: Tokenizer, { a, b, parts, strategy, ...expected }: Pair) {
  const { ids, typeIds, specialTokensMask } = tokenizer.encode(a, { pair: b });
  expect({ a, b, ids, types: typeIds, special: specialTokensMask }).toEqual({ a, b, ...expected });
  const how = strategy === "only_first" ? "onlyFirst" : "longestFirst";
  if (!parts) return;
  const cut = tokenizer.encode(a, { pair: b, truncation: { maxLength: 9, stride: 2, strategy: how } });
  expect([cut, ...cut.overflowing].map((part) => part.ids)).toEqual(parts);
}

const file = new URL("golden/pipelines.json.gz", import.meta.url);
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
  texts: string[];
  answers: Record<string, Answer>;
};

test.each(Object.entries(golden.answers))(
  "in the style of %s, odd strings give Rust's ids, tokens and offsets",
  (_, answer) => {
    expectEqual(golden.texts, answer);
  },
);

const python = process.env["PYTHON"] ?? "python3";
const hasPython = spawnSync(python, ["-c", "import tokenizers"]).status === 0;
const shared = fileURLToPath(new URL("../../../shared/data/tokenizers", import.meta.url));

describe("beside Python", () => {
  test("fresh random strings give Rust's ids, tokens and offsets in every style", (context) => {
    if (!hasPython) context.skip(`${python} cannot import tokenizers; set PYTHON to one that can`);
    const seed = Date.now() % 2 ** 31;
    console.log(`pipelines: seed ${seed}`);
    const texts = fc.sample(strangeText, { seed, numRuns: 150 }).map((text) => text.toWellFormed());
    const script = fileURLToPath(new URL("golden/pipelines.py", import.meta.url));
    const input = JSON.stringify({ texts, vocabularies: existsSync(shared) ? shared : null, seed });
    const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8", maxBuffer: 2 ** 30 });
    if (status !== 0) throw new Error(`pipelines.py failed: ${stderr}`);
    for (const answer of Object.values(JSON.parse(stdout) as Record<string, Answer>)) expectEqual(texts, answer);
  });
});
