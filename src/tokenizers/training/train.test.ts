import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { chop, strangeText } from "../../../test/strange-text.ts";
import {
  fromJson,
  trainBpeTokenizer,
  trainUnigramTokenizer,
  trainWordPieceTokenizer,
  wordTokenizer,
} from "../index.ts";
import { trainBpe } from "./bpe-trainer.ts";
import { countWords } from "./count-words.ts";

const counts = (words: Record<string, number>) => new Map(Object.entries(words));

test("the most frequent pair is merged first, the one with the lower ids where two are equal", () => {
  const trained = trainBpe(counts({ abab: 3, bc: 6, cd: 1 }), { vocabSize: 8 });
  expect(trained.tokens).toEqual(["a", "b", "c", "d", "ab", "bc", "abab", "cd"]);
  expect(trained.merges).toEqual([
    ["a", "b"],
    ["b", "c"],
    ["ab", "ab"],
    ["c", "d"],
  ]);
});

test("special tokens come first, and rare pairs and characters are left out", () => {
  const options = { vocabSize: 20, specialTokens: ["<s>"], minFrequency: 2, limitAlphabet: 2 };
  expect(trainBpe(counts({ ab: 3, ac: 1 }), options)).toEqual({
    tokens: ["<s>", "a", "b", "ab"],
    merges: [["a", "b"]],
  });
});

test("characters within a word are written with the prefix", () => {
  const { tokens } = trainBpe(counts({ aa: 2 }), { vocabSize: 3, continuingSubwordPrefix: "##" });
  expect(tokens).toEqual(["a", "##a", "aa"]);
});

test("a vocabulary smaller than the alphabet is refused", async () => {
  expect(() => trainBpe(counts({ abc: 1 }), { vocabSize: 3, specialTokens: ["<s>"] })).toThrow(
    "trainBpe: vocabSize is 3, but there are 1 special tokens and 3 characters; raise it, or set limitAlphabet",
  );
  await expect(trainBpeTokenizer("a", { vocabSize: 256 })).rejects.toThrow(
    "vocabSize is 256, but there are 1 special tokens and 256 characters",
  );
});

test("an empty text is refused, and training can be aborted", async () => {
  await expect(trainBpeTokenizer("")).rejects.toThrow("the training text is empty, so there is nothing to learn");
  await expect(trainBpeTokenizer("a b", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
});

test("what was learned says every text, and the same from chunks as from the whole", async () => {
  await fc.assert(
    fc.asyncProperty(strangeText, strangeText, fc.array(fc.nat(200)), async (text, other, cuts) => {
      const options = { vocabSize: 300, specialTokens: { eos: "<|eos|>" } };
      const tokenizer = await trainBpeTokenizer(`x${text}\n${text}`, options);
      expect(tokenizer.decode(tokenizer.encodeIds(other))).toBe(other.toWellFormed());
      const inChunks = await trainBpeTokenizer(chop(`x${text}\n${text}`, cuts), options);
      expect(inChunks.toJson()).toEqual(tokenizer.toJson());
    }),
    { numRuns: 20 },
  );
});

test("WordPiece learns words in lower case, with BERT's special tokens", async () => {
  const tokenizer = await trainWordPieceTokenizer("The cat, the hat! ".repeat(9), { vocabSize: 40 });
  expect(tokenizer.encode("THE cat").tokens).toEqual(["[CLS]", "the", "cat", "[SEP]"]);
  expect(tokenizer.encode("zebra", { addSpecialTokens: false }).tokens).toEqual(["[UNK]"]);
  expect(tokenizer.specialTokens.mask).toBe("[MASK]");
});

const python = process.env["PYTHON"] ?? "python3";
const hasPython = spawnSync(python, ["-c", "import tokenizers"]).status === 0;
const folder = mkdtempSync(`${tmpdir()}/tokenizers-training-`);
afterAll(() => rmSync(folder, { recursive: true }));
const shakespeare = fileURLToPath(new URL("../../../../shared/data/tinyshakespeare/input.txt", import.meta.url));

test.each(["strange text", "Shakespeare"])("Rust learns the same merges from %s", async (name) => {
  const file = name === "Shakespeare" ? shakespeare : `${folder}/text.txt`;
  if (!hasPython || (name === "Shakespeare" && !existsSync(file))) {
    console.log(`training: ${python} cannot import tokenizers, or ../shared/data is not here; not compared with Rust`);
    return;
  }
  const seed = Date.now() % 2 ** 31;
  console.log(`training: seed ${seed}`);
  if (file !== shakespeare)
    writeFileSync(
      file,
      fc.sample(strangeText, { seed, numRuns: 400 }).join("\n").toWellFormed().replaceAll("\ufdd0", ""),
    ); // our mark
  const text = readFileSync(file, "utf8");
  const size = name === "Shakespeare" ? 3000 : 1200;
  const script = fileURLToPath(new URL("../golden/trainers.py", import.meta.url));
  const { stdout, stderr } = spawnSync(python, [script, file, String(size)], { encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(stderr).toBe("");
  const rust = JSON.parse(stdout) as {
    bpe: object;
    wordpiece: [string[], string[]];
    wordlevel: Record<string, number>;
    unigram: [[string, number][], [string, number][]];
  };
  expect((await trainBpeTokenizer(text, { vocabSize: size })).toJson().model).toMatchObject(rust.bpe);
  expect(wordTokenizer(text, { vocabSize: size }).toJson().model).toMatchObject({ vocab: rust.wordlevel });

  // Rust numbers "##a" in the order of a hash that changes with every run, and ids decide between equally frequent pairs
  const json = (await trainWordPieceTokenizer(text, { vocabSize: size })).toJson().model as { vocab: object };
  const differing = (a: readonly string[], b: readonly string[]) => a.filter((token) => !new Set(b).has(token)).length;
  const [once, again] = rust.wordpiece;
  const ours = differing(Object.keys(json.vocab), once);
  console.log(
    `training: WordPiece of ${size}: ${ours} tokens differ from Rust's, ${differing(once, again)} between two runs of Rust`,
  );
  expect(ours).toBeLessThan(size / 100);

  // pieces that the text would miss equally are told apart by the last bit of a logarithm, and numbered by a hash
  const unigram = await trainUnigramTokenizer(text, { vocabSize: size });
  const { vocab, ...model } = unigram.toJson().model as unknown as { vocab: [string, number][] };
  const names = (list: readonly [string, number][]) => list.map(([token]) => token);
  const pieces = differing(names(vocab), names(rust.unigram[0]));
  const { normalizer, pre_tokenizer } = unigram.toJson();
  const words = await countWords(text, { normalizer, pre_tokenizer });
  const likelihood = (list: [string, number][]) => logLikelihood(words, { ...model, vocab: list });
  const loss = likelihood(vocab) / likelihood(rust.unigram[0]) - 1;
  console.log(
    `training: Unigram of ${size}: ${pieces} pieces differ from Rust's, ${differing(names(rust.unigram[0]), names(rust.unigram[1]))} ` +
      `between two runs of Rust; log-likelihood ${loss > 0 ? "-" : "+"}${Math.abs(100 * loss).toFixed(4)} %`,
  );
  expect(pieces).toBeLessThanOrEqual(size / 100);
  expect(Math.abs(loss)).toBeLessThan(name === "Shakespeare" ? 0.001 : 0.01);
});

/** Of the best way to cut each word, summed; characters that are unknown count nothing. */
function logLikelihood(words: ReadonlyMap<string, number>, model: { vocab: [string, number][] }): number {
  const { encode } = fromJson({ version: "1.0", added_tokens: [], model });
  let sum = 0;
  for (const [word, count] of words) for (const id of encode(word).ids) sum += count * model.vocab[id]![1];
  return sum;
}
