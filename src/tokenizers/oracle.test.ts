/** Python's `tokenizers` and `transformers`, where they are installed, open what is saved here: on fresh random texts. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { strangeText } from "../../test/strange-text.ts";
import {
  byteTokenizer,
  charTokenizer,
  saveTokenizer,
  type Tokenizer,
  trainBpeTokenizer,
  trainUnigramTokenizer,
  trainWordPieceTokenizer,
  wordTokenizer,
} from "./index.ts";

interface Answer {
  encoded: { ids: number[]; tokens: string[]; decoded: string }[];
  decoded: { decoded: string; plain: string }[];
}

const python = process.env["PYTHON"] ?? "python3";
const hasPython = spawnSync(python, ["-c", "import tokenizers"]).status === 0;
const noPython = `${python} cannot import tokenizers; set PYTHON to one that can`;
const shakespeare = new URL("../../../shared/data/tinyshakespeare/input.txt", import.meta.url);
const folder = mkdtempSync(`${tmpdir()}/tokenizers-oracle-`);
afterAll(() => rmSync(folder, { recursive: true }));

async function ask(tokenizer: Tokenizer, texts: string[], ids: number[][]) {
  await saveTokenizer(folder, tokenizer);
  const script = fileURLToPath(new URL("golden/oracle.py", import.meta.url));
  const input = JSON.stringify({ folder, texts, ids });
  const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`oracle.py failed: ${stderr}`);
  return JSON.parse(stdout) as { tokenizers: Answer; transformers: Answer | null };
}

function expectEqual(tokenizer: Tokenizer, { encoded, decoded }: Answer, texts: string[], ids: number[][]) {
  for (const [i, text] of texts.entries()) {
    const { ids, tokens } = tokenizer.encode(text);
    expect({ text, ids, tokens, decoded: tokenizer.decode(ids) }).toEqual({ text, ...encoded[i] });
  }
  for (const [i, list] of ids.entries()) {
    const ours = { decoded: tokenizer.decode(list), plain: tokenizer.decode(list, { skipSpecialTokens: true }) };
    expect({ ids: list, ...ours }).toEqual({ ids: list, ...decoded[i] });
  }
}

const specialTokens = { unk: "<unk>", bos: "<bos>", eos: "<|eos|>", pad: "[PAD]" };
const brackets = { unk: "[UNK]", eos: "a.b" };
const size = (text: string) => ({ vocabSize: 400 + new Set(text).size });
const trained: Record<string, (text: string) => Tokenizer | Promise<Tokenizer>> = {
  character: (text) => charTokenizer(text),
  "character with special tokens": (text) => charTokenizer(text.slice(0, text.length / 2), { specialTokens }),
  byte: () => byteTokenizer(),
  "byte with special tokens": () => byteTokenizer({ specialTokens }),
  word: (text) => wordTokenizer(text),
  "word, lower case, frequent": (text) =>
    wordTokenizer(`${text} a a a`, { lowercase: true, minFrequency: 3, specialTokens: brackets }),
  bpe: (text) => trainBpeTokenizer(text, { ...size(text), specialTokens, extraSpecialTokens: ["<user>"] }),
  wordpiece: (text) => trainWordPieceTokenizer(text, { ...size(text), limitAlphabet: 200 }),
  "wordpiece, cased": (text) => trainWordPieceTokenizer(text, { ...size(text), lowercase: false }),
  unigram: (text) => trainUnigramTokenizer(text, size(text)),
};

describe.each(Object.entries(trained))("%s tokenizer", (_, train) => {
  test("Python agrees on 500 random strings and 200 random lists of ids", async (context) => {
    if (!hasPython) context.skip(noPython);
    const seed = Date.now() % 2 ** 31;
    console.log(`oracle: seed ${seed}`);
    const texts = fc.sample(strangeText, { seed, numRuns: 500 });
    const tokenizer = await train(texts.join(""));
    const id = fc.nat(tokenizer.vocabSize - 1);
    const ids = fc.sample(fc.array(id, { maxLength: 30 }), { seed, numRuns: 200 });
    const { tokenizers, transformers } = await ask(tokenizer, texts, ids);
    expectEqual(tokenizer, tokenizers, texts, ids);
    if (transformers) expectEqual(tokenizer, transformers, texts, ids);
    else console.log(`oracle: ${python} has no transformers; AutoTokenizer was not asked`);
  });
});

test.for(["character", "byte", "word"])(
  "Python agrees with the %s tokenizer on all of Shakespeare",
  async (kind, context) => {
    if (!hasPython) context.skip(noPython);
    if (!existsSync(shakespeare)) context.skip("../shared/data/tinyshakespeare is not here");
    const text = readFileSync(shakespeare, "utf8");
    const tokenizer = await trained[kind]!(text);
    const ids = tokenizer.encodeIds(text);
    const { tokenizers, transformers } = await ask(tokenizer, [text], []);
    for (const { encoded } of transformers ? [tokenizers, transformers] : [tokenizers]) {
      const [theirs] = encoded;
      expect(theirs!.ids.length).toBe(ids.length);
      expect(theirs!.ids.findIndex((id, i) => id !== ids[i])).toBe(-1);
      expect(tokenizer.decode(ids) === theirs!.decoded).toBe(true);
      expect(tokenizer.decode(ids) === text).toBe(true);
    }
  },
);
