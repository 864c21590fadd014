/** The commands on a low-rank adapter's folder: what is the base's is found there, and what is told is of what was asked for. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveTokenizer, trainCharTokenizer } from "../src/tokenizers/index.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const root = mkdtempSync(join(tmpdir(), "adapter-cli-"));
const golden = join(import.meta.dirname, "golden");
const [mine, alone, data] = ["mine", "alone", "text.txt"].map((name) => join(root, name)) as [string, string, string];
const LETTERS = "abcdefghij klmnopqr\n";

beforeAll(async () => {
  cpSync(join(golden, "lora-gpt2"), mine, { recursive: true });
  const text = async function* () {
    yield LETTERS;
  };
  await saveTokenizer(join(mine, "base"), await trainCharTokenizer(text(), { specialTokens: {} }));
  mkdirSync(alone);
  cpSync(join(mine, "adapter"), join(alone, "adapter"), { recursive: true });
  cpSync(join(mine, "base"), join(alone, "base"), { recursive: true });
  writeFileSync(data, LETTERS.repeat(20));
});
afterAll(() => rmSync(root, { recursive: true }));

const call = async (...args: string[]) => {
  const ended = await trainformer(["--json", "--threads", "1", ...args]);
  expect(ended).toMatchObject({ status: 0 });
  return { ...ended, lines: jsonLines(ended) };
};

describe.each(["", "adapter"])("the tokenizer of an adapter's base is found from FOLDER/%s", (part) => {
  test("by tokenizer encode, decode and report", async () => {
    const { lines } = await call("tokenizer", "encode", join(mine, part), "abc");
    expect(lines[0]!["tokens"]).toEqual(["a", "b", "c"]);
    const ids = (lines[0]!["ids"] as number[]).map(String);
    expect((await call("tokenizer", "decode", join(mine, part), ...ids)).lines[0]!["text"]).toBe("abc");
    await call("tokenizer", "report", join(mine, part), "--text", "abc", "--out", join(root, "page.html"));
  });

  test("by evaluate", async () => {
    const { lines } = await call("evaluate", join(mine, part), "--data", data, "--block-size", "8");
    expect(lines.at(-1)).toHaveProperty("loss");
  });
});
