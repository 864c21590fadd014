/**
 * Ids, tokens, offsets and decoded texts beside Rust's on the text of ../shared/data, and on random strings; skipped
 * without that folder or without Python. Six documents of the text and 200 strings, drawn anew, each
 * time; with CORPUS=100 a hundred documents and 2,000 strings, with CORPUS=all all documents.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { strangeText } from "../../test/strange-text.ts";
import { fromJson, type Tokenizer } from "./index.ts";

const python = process.env["PYTHON"] ?? "python3";
const shared = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/tokenizers-corpus-`);
afterAll(() => rmSync(folder, { recursive: true }));

const LONGEST = 20_000; // characters of a document

/** Every line of the folder's UTF-8 text once, some hundred lines a document. */
function documents(): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const entry of readdirSync(shared, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || /\.(wav|gz|model)$/.test(entry.name)) continue;
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(`${entry.parentPath}/${entry.name}`));
    } catch {
      continue;
    }
    let document = "";
    for (const line of text.split(/(?<=\n)/)) {
      if (seen.has(line) && line.length > 1) continue;
      seen.add(line);
      document += line;
      while (document.length > LONGEST) {
        const at = document.codePointAt(LONGEST - 1)! > 0xffff ? LONGEST + 1 : LONGEST;
        found.push(document.slice(0, at).toWellFormed());
        document = document.slice(at);
      }
    }
    if (document !== "") found.push(document);
  }
  return found;
}

function digest(tokenizer: Tokenizer, text: string): string {
  const { ids, tokens, offsets } = tokenizer.encode(text);
  const hash = createHash("sha1");
  hash.update(Int32Array.from(ids)).update(Int32Array.from(offsets.flat()));
  hash.update(`${tokens.join("\0")}\0${tokenizer.decode(ids)}`);
  return hash.digest("hex").slice(0, 16);
}

test("no difference from Rust's on real text, or on random strings", (context) => {
  if (!existsSync(shared)) context.skip("../shared/data is not here");
  if (spawnSync(python, ["-c", "import tokenizers"]).status !== 0)
    context.skip(`${python} cannot import tokenizers; set PYTHON to one that can`);
  const wanted = process.env["CORPUS"] ?? "6";
  const seed = Date.now() % 2 ** 31;
  const corpus = documents();
  const drawn = wanted === "all" ? corpus : fc.sample(fc.constantFrom(...corpus), { seed, numRuns: Number(wanted) });
  const numRuns = process.env["CORPUS"] === undefined ? 200 : 2000;
  const strange = fc.sample(strangeText, { seed, numRuns }).map((text) => text.toWellFormed());
  const texts = [...drawn, ...strange];
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `corpus: seed ${seed}, ${drawn.length} documents and ${strange.length} strings, ${characters} characters`,
  );

  writeFileSync(`${folder}/texts.json`, JSON.stringify(texts));
  const script = fileURLToPath(new URL("golden/corpus.py", import.meta.url));
  const stdout = openSync(`${folder}/answers.jsonl`, "w");
  const args = [script, `${folder}/texts.json`, `${shared}/tokenizers`];
  const { status, stderr } = spawnSync(python, args, { stdio: ["ignore", stdout, "pipe"], encoding: "utf8" });
  if (status !== 0) throw new Error(`corpus.py failed: ${stderr}`);
  for (const line of readFileSync(`${folder}/answers.jsonl`, "utf8").trimEnd().split("\n")) {
    const { name, json, digests } = JSON.parse(line) as { name: string; json: object; digests: string[] };
    const tokenizer = fromJson(json);
    const differing = texts.filter((text, i) => digest(tokenizer, text) !== digests[i]);
    console.log(`corpus: ${name}: ${differing.length} differences`);
    expect(differing.slice(0, 3), name).toEqual([]);
  }
}, 3_600_000);
