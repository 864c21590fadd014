import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeSafetensors } from "../formats/index.ts";
import { openNgram, saveNgram } from "./file.ts";
import { ngram } from "./index.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ngram-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = Array.from("abracadabra", (c) => "abcdr".indexOf(c));

test("a model that was saved and opened again says the same", () => {
  for (const smoothing of ["kneser-ney", "add-k"] as const) {
    const model = ngram(text, { order: 3, vocabulary: 5, smoothing, k: 0.5 });
    saveNgram(folder, model);
    const again = openNgram(folder);
    expect([again.order, again.smoothing, again.k]).toEqual([3, smoothing, 0.5]);
    for (const behind of [[], [0], [0, 1], [4, 4]]) expect(again.next(behind)).toEqual(model.next(behind));
  }
});

test("what is no such model, or does not fit together, is refused", () => {
  const columns = (parents: number[], tokens: number[], counts: number[]) =>
    writeSafetensors(
      join(folder, "model.safetensors"),
      new Map(
        Object.entries({ parents, tokens, counts }).map(([name, data]) => [
          name,
          { dtype: "int32", shape: [data.length], data: Int32Array.from(data) },
        ]),
      ),
    );
  const config = (more: object) =>
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ model_type: "ngram", order: 2, smoothing: "add-k", k: 1, vocab_size: 5, ...more }),
    );
  config({ model_type: "gpt2" });
  expect(() => openNgram(folder)).toThrow("config.json: this is no n-gram model");
  config({ order: 0 });
  expect(() => openNgram(folder)).toThrow("order 0 and vocab_size 5 must be whole numbers ≥ 1");
  config({});
  columns([0, 0], [1, 2], [1]);
  expect(() => openNgram(folder)).toThrow("2 parents, 2 tokens and 1 counts differ");
  columns([0, 2], [1, 2], [1, 1]);
  expect(() => openNgram(folder)).toThrow("row 1 goes on from no row before it");
  columns([0, 0], [1, 1], [1, 1]);
  expect(() => openNgram(folder)).toThrow("row 1 goes on from no row before it");
  columns([0], [9], [1]);
  expect(() => openNgram(folder)).toThrow("row 0 goes on from no row before it");
});
