import { expect, test } from "vitest";
import { byteTokenizer, charTokenizer } from "../tokenizers/index.ts";
import { openText, type TextData } from "./text.ts";

const open = (data: TextData) => openText(data, charTokenizer("ab"), { batchSize: 2, seed: 0, blockSize: 4 });
const long = "ab".repeat(50);

test.each<[string, TextData, string]>([
  ["a training text", { train: "abab", validation: long }, "train: the text has 4 tokens"],
  ["a training text of its own", { train: "abab", validation: 0 }, "train: the text has 4 tokens"],
  ["a validation text", { train: long, validation: "abab" }, "validation: the text has 4 tokens"],
  ["a text to evaluate", { train: "abab", validation: 1 }, "validation: the text has 4 tokens"],
  ["the validation part", { train: long, validation: 0.04 }, "validation: 4 of the text's 100 tokens"],
  ["the training part", { train: long, validation: 0.96 }, "train: 4 of the text's 100 tokens"],
])("%s without one whole block is refused when it is opened, and named", async (_, data, says) => {
  await expect(open(data)).rejects.toThrow(`${says}, but a block of 4 and the token after it need 5; use more text`);
});

test("what is held out is another text, a part from the end, all of it or nothing", async () => {
  const labels = async (data: TextData) => {
    const { validation } = await open(data);
    let sum = 0;
    if (validation) for await (const { count } of validation()) sum += count;
    return validation && sum;
  };
  expect(await labels({ train: long, validation: "ababa" })).toBe(4);
  expect(await labels({ train: long })).toBe(9);
  expect(await labels({ train: long, validation: 1 })).toBe(99);
  expect(await labels({ train: long, validation: 0 })).toBeUndefined();
});

test("tokens are counted by the characters of the text that is held out", async () => {
  const tokenizer = byteTokenizer();
  const open = (data: TextData) => openText(data, tokenizer, { batchSize: 1, seed: 0, blockSize: 4 });
  expect((await open({ train: long, validation: "äöü😀".repeat(9) })).tokensPerCharacter).toBe(10 / 4);
  expect((await open({ train: `${long}${"ä".repeat(100)}` })).tokensPerCharacter).toBe(1.5);
});
