/** The commands on a low-rank adapter's folder: what is the base's is found there, and what is told is of what was asked for. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { folderTokenizers } from "../src/cli/pair-files.ts";
import { saveTokenizer, trainCharTokenizer } from "../src/tokenizers/index.ts";
import { readRun } from "../src/train/run-folder.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const root = mkdtempSync(join(tmpdir(), "adapter-cli-"));
const golden = join(import.meta.dirname, "golden");
const mine = join(root, "mine");
const data = join(root, "text.txt");
const LETTERS = "abcdefghij klmnopqr\n";

beforeAll(async () => {
  cpSync(join(golden, "lora-gpt2"), mine, { recursive: true });
  const text = async function* () {
    yield LETTERS;
  };
  await saveTokenizer(join(mine, "base"), await trainCharTokenizer(text(), { specialTokens: {} }));
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

describe.each(["", "adapter"])("a text is read by the tokenizer of the base of FOLDER/%s", (part) => {
  test("by inspect, which then finds no state in such a model", async () => {
    const words = ["inspect", join(mine, part), "--text", "abcde", "--gradient-through-time"];
    const { status, stderr } = await trainformer(words);
    expect(status).toBe(2);
    expect(stderr).toContain("gpt2: it keeps no state from step to step, so there is no gradient through time");
  });

  test("by a model of pairs", async () => {
    const { tokenizer } = await folderTokenizers(join(mine, part));
    expect(tokenizer.decode([...tokenizer.encodeIds("abc")])).toBe("abc");
  });
});

test("an adapter's own tokenizer needs no base", async () => {
  const folder = join(root, "own");
  cpSync(join(golden, "lora-gpt2", "adapter"), folder, { recursive: true });
  cpSync(join(mine, "base", "tokenizer.json"), join(folder, "tokenizer.json"));
  const { lines } = await call("tokenizer", "encode", folder, "abc");
  expect(lines[0]!["tokens"]).toEqual(["a", "b", "c"]);
});

test("a base that is not there is told, and what to do", async () => {
  const folder = join(root, "baseless");
  cpSync(join(golden, "lora-gpt2", "adapter"), folder, { recursive: true });
  const { status, stderr } = await trainformer(["evaluate", folder, "--data", data]);
  expect(status).toBe(2);
  expect(stderr).toContain('which is no model folder here (tried "base", ');
});

test("a run that goes on from an adapter names its folder in the card and the settings", async () => {
  const out = join(root, "run");
  const { stderr } = await call(
    ...["train", "--model", mine, "--data", data, "--max-steps", "1", "--block-size", "8", "--batch-size", "2"],
    ...["--out", out],
  );
  expect(stderr).not.toContain("base: ");
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain(`fine-tuned from \`${mine}\``);
  expect(readRun(out)["base"]).toBe("mine");
});

test("a run cannot replace the base of the adapter that it goes on from", async () => {
  const { status, stderr } = await trainformer([
    ...["train", "--model", join(mine, "adapter"), "--data", data, "--max-steps", "1", "--block-size", "8"],
    ...["--overwrite", "--out", mine],
  ]);
  expect(status).toBe(2);
  expect(stderr).toContain("holds files that are no run's");
});

test("a figure names the adapter's folder", async () => {
  const { lines } = await call(...["inspect", mine, "--step-cost", "--lengths", "4", "--out", join(root, "cost.svg")]);
  expect((lines[0]!["models"] as { name: string }[]).map(({ name }) => name)).toEqual(["mine"]);
});

test("summary tells the head of the adapter's task, and what it adapts", async () => {
  const { lines, stderr } = await call("summary", join(golden, "lora-bert-biases", "adapter"));
  const base = join(golden, "lora-bert-biases", "base");
  expect(lines[0]).toMatchObject({
    head: "BertForTokenClassification",
    adapter: { ranks: [2], layers: 2, base },
  });
  expect(stderr).toBe(`base: ${base}\n`);
  const words = await trainformer(["summary", join(golden, "lora-gpt2")]);
  expect(words.stdout.split("\n")[1]).toMatch(
    /^with an adapter of rank 2 on \d layers, merged; base .*lora-gpt2.base$/,
  );
  expect(words.stderr).toBe("");
});

test("summary refuses an adapter whose configuration does not fit", async () => {
  const folder = join(root, "wrong");
  cpSync(join(golden, "lora-gpt2"), folder, { recursive: true });
  const file = join(folder, "adapter", "adapter_config.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), r: 9 }));
  const { status, stderr } = await trainformer(["summary", folder]);
  expect(status).toBe(2);
  expect(stderr).toContain("is of rank 2, but adapter_config.json makes it 9");
});

test("verify tells an adapter's task that is not the reference's", async () => {
  const folder = join(root, "task");
  cpSync(join(golden, "lora-gpt2"), folder, { recursive: true });
  const file = join(folder, "adapter", "adapter_config.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), task_type: "SEQ_CLS" }));
  const { status, stderr } = await trainformer(["verify", folder]);
  expect(status).toBe(2);
  expect(stderr).toContain("the model is GPT2ForSequenceClassification, but its reference is GPT2LMHeadModel");
});
