/** `tokenizer train`, `encode` and `decode`, as people type them. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ended, jsonLines, trainformer } from "../../../../test/spawn-cli.ts";
import { strangeText } from "../../../../test/strange-text.ts";
import { loadTokenizer } from "../../../tokenizers/index.ts";
import { expandGlobs } from "../../globs.ts";
import { idsOfLine, inputLines, textOfLine } from "../../input-lines.ts";
import { parseSpecialTokens } from "../../special-tokens.ts";

let root: string;
const at = (name: string) => join(root, name);
const book = "It was the best of times, it was the worst of times — d'être, naïve 日本 👍🏽.\n".repeat(40);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "trainformer-tokenizer-"));
  writeFileSync(at("book.txt"), book);
  const trained = await tokenizer("train --type bpe --vocab-size 400 --out tok book.txt");
  expect(trained).toMatchObject({ status: 0, stderr: expect.stringMatching(/^(reading\n)?(learning\n)?$/) });
  expect(trained.stdout).toMatch(
    /^3\d\d tokens, saved in tok\. Try next:\n {2}.* tokenizer encode tok 'A text to cut'\n$/,
  );
});
afterAll(() => rmSync(root, { recursive: true }));

const tokenizer = (words: string, more: readonly string[] = []) =>
  trainformer(["tokenizer", ...words.split(" "), ...more], { cwd: root });

const refused = ({ status, stdout, stderr }: Ended): string => {
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  return stderr;
};

test("a trained tokenizer's folder appears whole", async () => {
  expect(readdirSync(at("tok")).sort()).toEqual(["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]);
  expect((await loadTokenizer(at("tok"))).specialTokens).toEqual({ eos: "<|endoftext|>" });
});

test("encode shows pieces, ids and places", async () => {
  const { stdout } = await tokenizer("encode tok", ["It was 日!"]);
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(/^It\|Ġwas\|/);
  expect(lines[2]).toMatch(/^ *id {2}token +place {2}text$/);
  expect(lines[4]).toMatch(/^ *\d+ {2}Ġwas +2–6 {2}" was"$/);
  const tokenizerHere = await loadTokenizer(at("tok"));
  const { ids, tokens, offsets } = tokenizerHere.encode("It was 日!");
  expect(jsonLines(await tokenizer("--json encode tok", ["It was 日!"]))).toEqual([{ ids, tokens, offsets }]);
  const text = (await tokenizer("decode tok", ids.map(String))).stdout;
  expect(text).toBe("It was 日!\n");
});

test("encode and decode take files, lines or JSON lines, in order", async () => {
  writeFileSync(at("lines.txt"), "It was\r\n\nbest");
  writeFileSync(at("lines.jsonl"), '"It was"\n{"text":""}\n{"text":"best"}\n');
  const lines = jsonLines(await tokenizer("encode tok --json --file lines.txt"));
  expect(lines.length).toBe(3);
  expect(jsonLines(await tokenizer("encode tok --json --file lines.jsonl"))).toEqual(lines);
  writeFileSync(at("ids.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  expect((await tokenizer("decode tok --file ids.jsonl")).stdout).toBe("It was\n\nbest\n");
});

test("wrong bytes stop the training with their position, or are replaced", async () => {
  writeFileSync(at("latin.txt"), Uint8Array.of(0x61, 0x20, 0xe9, 0x20, 0x62, 0x0a));
  expect(refused(await tokenizer("train --out wrong latin.txt --quiet"))).toMatch(
    /latin\.txt: byte 0xe9 at position 2 is not utf-8; give the file's own encoding, such as windows-1252/,
  );
  expect(existsSync(at("wrong"))).toBe(false);
  expect((await tokenizer("train --out right latin.txt --encoding-errors replace --type char")).status).toBe(0);
  expect((await loadTokenizer(at("right"))).tokenToId("\ufffd")).toBeDefined();
});

test("what cannot be is refused before anything is written", async () => {
  expect(refused(await tokenizer("train --out tok book.txt"))).toBe(
    "error: --out: tok holds a tokenizer already; add --overwrite to replace it\n",
  );
  expect(refused(await tokenizer("train book.txt"))).toBe(
    "error: --out is missing; name the folder to make: --out tok\n",
  );
  expect(refused(await tokenizer("train --out new"))).toContain("error: no text to learn from; name files");
  expect(refused(await tokenizer("train --out new --type char --vocab-size 9 book.txt"))).toBe(
    "error: a char tokenizer has no option vocabSize; it has specialTokens\n",
  );
  expect(refused(await tokenizer("train --out new --vocab-size 9 book.txt --quiet"))).toContain(
    "vocabSize is 9, but there are 1 special tokens and 256 characters; raise it, or set limitAlphabet",
  );
  expect(refused(await tokenizer("encode nowhere", ["x"]))).toContain("is this the folder of a model or a tokenizer?");
  expect(refused(await tokenizer("decode tok", ["99999"]))).toContain("decode: id 99999 is not in the vocabulary");
  expect(existsSync(at("new"))).toBe(false);
});

test("report writes one page about several tokenizers, which loads nothing", async () => {
  await tokenizer("train --type unigram --vocab-size 120 --out uni book.txt --quiet");
  const { status, stdout } = await tokenizer("report tok uni --data book.txt --out page.html");
  expect({ status, rows: stdout.split("\n").length }).toEqual({ status: 0, rows: 5 });
  const page = readFileSync(at("page.html"), "utf8");
  expect(page).toContain("Vocabulary size against compression");
  expect(page).toMatch(/<th>tok<\/th>.*<td>\d/);
  expect(page).not.toMatch(/(src|href)=/);
  const lines = jsonLines(await tokenizer("report --json uni --text", ["It was <b>the</b>"]));
  expect(lines).toMatchObject([{ name: "uni", path: "tokenizers.html" }]);
  expect(readFileSync(at("tokenizers.html"), "utf8")).not.toContain("<b>the");
  expect(refused(await tokenizer("report uni"))).toContain("there is no text to try them on; give either --data FILE");
});

test("Ctrl-C leaves nothing", async () => {
  writeFileSync(at("long.txt"), Array.from({ length: 300_000 }, (_, i) => `w${(i * 7919) % 300_007} `).join(""));
  const ended = await trainformer(["tokenizer", "train", "--out", "stopped", "long.txt"], {
    cwd: root,
    during: (child) => {
      child.stderr!.once("data", () => child.kill("SIGINT")); // it says "reading"
    },
  });
  expect(ended.status).toBe(130);
  expect(readdirSync(root).filter((name) => name.includes("stopped"))).toEqual([]);
});

test("patterns find files at any depth, in order", () => {
  mkdirSync(at("deep/er"), { recursive: true });
  for (const name of ["b.txt", "a.txt", "er/c.txt", "a.md"]) writeFileSync(at(`deep/${name}`), "x");
  const found = (pattern: string) => expandGlobs([at(pattern)]).map((path) => path.slice(root.length + 1));
  expect(found("deep/*.txt")).toEqual(["deep/a.txt", "deep/b.txt"]);
  expect(found("deep/**/*.txt")).toEqual(["deep/a.txt", "deep/b.txt", "deep/er/c.txt"]);
  expect(found("*/?.md")).toEqual(["deep/a.md"]);
  expect(() => expandGlobs([at("*.nothing")])).toThrow(`no file fits the pattern "${at("*.nothing")}"`);
});

test("special tokens have the part that is named, or that they are known for", () => {
  expect(parseSpecialTokens(["eos=<end>", "<pad>,[CLS]", "<user>"])).toEqual({
    specialTokens: { eos: "<end>", pad: "<pad>", cls: "[CLS]" },
    extraSpecialTokens: ["<user>"],
  });
  expect(() => parseSpecialTokens(["end=<x>"])).toThrow('--special-tokens: "end" is no part of a token');
  expect(() => parseSpecialTokens(["eos=x"])).toThrow('--special-tokens: "x" is too short');
  expect(() => parseSpecialTokens(["<s>", "<bos>"])).toThrow('--special-tokens: bos is both "<s>" and "<bos>"');
});

test("a wrong line is told with its number", async () => {
  const read = async (name: string, content: string, by: typeof textOfLine | typeof idsOfLine) => {
    writeFileSync(at(name), content);
    for await (const _ of inputLines<unknown>(at(name), {}, by));
  };
  await expect(read("a.jsonl", '"a"\n{"txt":1}\n', textOfLine)).rejects.toThrow(
    'a.jsonl: line 2: it must be a string or {"text": a string}',
  );
  await expect(read("b.jsonl", "{\n", textOfLine)).rejects.toThrow(/b\.jsonl: line 1: .*JSON/);
  await expect(read("c.txt", "1 2\n1 x\n", idsOfLine)).rejects.toThrow(
    'c.txt: line 2: "x" is no id; ids are whole numbers',
  );
  await expect(read("d.jsonl", "3\n", idsOfLine)).rejects.toThrow(
    'd.jsonl: line 1: it must be a list of ids or {"ids": such a list}',
  );
});

const python = process.env["PYTHON"] ?? "python3";
const hasPython = spawnSync(python, ["-c", "import transformers"]).status === 0;

test("AutoTokenizer in Python and loadTokenizer here agree on fresh random strings", async (context) => {
  if (!hasPython) context.skip(`${python} cannot import transformers; set PYTHON to one that can`);
  const seed = Date.now() % 2 ** 31;
  console.log(`tokenizer: seed ${seed}`);
  const texts = [...fc.sample(strangeText, { seed, numRuns: 300 }).map((text) => text.toWellFormed()), book];
  writeFileSync(at("texts.json"), JSON.stringify(texts));
  const script = `
import json, sys
sys.modules["torch"] = None
from transformers import AutoTokenizer
t = AutoTokenizer.from_pretrained("tok")
texts = json.load(open("texts.json"))
ids = [t(text)["input_ids"] for text in texts]
json.dump({"ids": ids, "decoded": [t.decode(one) for one in ids]}, open("python.json", "w"))`;
  const { stderr, status } = spawnSync(python, ["-c", script], { cwd: root, encoding: "utf8" });
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const answer = JSON.parse(readFileSync(at("python.json"), "utf8")) as { ids: number[][]; decoded: string[] };
  const here = await loadTokenizer(at("tok"));
  for (const [i, text] of texts.entries()) {
    const { ids } = here.encode(text);
    expect({ text, ids, decoded: here.decode(ids) }).toEqual({ text, ids: answer.ids[i], decoded: answer.decoded[i] });
  }
});
