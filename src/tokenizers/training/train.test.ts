import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { chop, strangeText } from "../../../test/strange-text.ts";
import { trainBpeTokenizer, trainWordPieceTokenizer } from "../index.ts";
import { trainBpe } from "./bpe-trainer.ts";

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
    writeFileSync(file, fc.sample(strangeText, { seed, numRuns: 400 }).join("\n").toWellFormed());
  const text = readFileSync(file, "utf8");
  const size = name === "Shakespeare" ? 3000 : 1200;
  const script = fileURLToPath(new URL("../golden/trainers.py", import.meta.url));
  const { stdout, stderr } = spawnSync(python, [script, file, String(size)], { encoding: "utf8", maxBuffer: 2 ** 28 });
  expect(stderr).toBe("");
  const rust = JSON.parse(stdout) as { bpe: object; wordpiece: [string[], string[]] };
  expect((await trainBpeTokenizer(text, { vocabSize: size })).toJson().model).toMatchObject(rust.bpe);

  // Rust numbers "##a" in the order of a hash that changes with every run, and ids decide between equally frequent pairs
  const json = (await trainWordPieceTokenizer(text, { vocabSize: size })).toJson().model as { vocab: object };
  const differing = (a: readonly string[], b: readonly string[]) => a.filter((token) => !new Set(b).has(token)).length;
  const [once, again] = rust.wordpiece;
  const ours = differing(Object.keys(json.vocab), once);
  console.log(
    `training: WordPiece of ${size}: ${ours} tokens differ from Rust's, ${differing(once, again)} between two runs of Rust`,
  );
  expect(ours).toBeLessThan(size / 100);
});
