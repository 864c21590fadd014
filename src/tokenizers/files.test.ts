import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { charTokenizer, loadTokenizer, saveTokenizer } from "./index.ts";

const folder = mkdtempSync(`${tmpdir()}/tokenizers-files-`);
afterAll(() => rmSync(folder, { recursive: true }));

test("a saved tokenizer is loaded as it was, over an older one too", async () => {
  const tokenizer = charTokenizer("ab\u2028😀", { specialTokens: { unk: "<unk>", eos: "<eos>" } });
  await saveTokenizer(`${folder}/new/run`, charTokenizer("x"));
  await saveTokenizer(`${folder}/new/run`, tokenizer);
  const again = await loadTokenizer(`${folder}/new/run`);
  expect(again.toJson()).toEqual(tokenizer.toJson());
  expect(again.specialTokens).toEqual({ unk: "<unk>", eos: "<eos>" });
  expect(readdirSync(`${folder}/new/run`).toSorted()).toEqual([
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
  ]);
});

test("tokenizer_config.json names the class and the special tokens for AutoTokenizer", async () => {
  await saveTokenizer(`${folder}/config`, charTokenizer("ab", { specialTokens: { unk: "<unk>", eos: "<eos>" } }));
  expect(JSON.parse(readFileSync(`${folder}/config/tokenizer_config.json`, "utf8"))).toEqual({
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    unk_token: "<unk>",
    eos_token: "<eos>",
  });
});

test("a folder without tokenizer_config.json is loaded", async () => {
  await saveTokenizer(`${folder}/alone`, charTokenizer("ab"));
  rmSync(`${folder}/alone/tokenizer_config.json`);
  expect((await loadTokenizer(`${folder}/alone`)).vocabSize).toBe(2);
});

test("what is wrong with a folder is said with its name", async () => {
  await expect(loadTokenizer(`${folder}/none`)).rejects.toThrow(
    `${folder}/none/tokenizer.json: there is no such file; is this the folder of a model or a tokenizer?`,
  );
  writeFileSync(`${folder}/tokenizer.json`, '{"model": ');
  await expect(loadTokenizer(folder)).rejects.toThrow(`${folder}/tokenizer.json: is not JSON: `);
  writeFileSync(`${folder}/tokenizer.json`, '{"model": {"type": "WordPiece"}}');
  await expect(loadTokenizer(folder)).rejects.toThrow(
    `${folder}/tokenizer.json: model.vocab must be an object, but is missing`,
  );
  await expect(saveTokenizer(`${folder}/tokenizer.json`, charTokenizer("a"))).rejects.toThrow("EEXIST");
});
