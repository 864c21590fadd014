import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../../test/tiny-folder.ts";
import { sentenceSettings } from "./sentence.ts";

/** A folder with these modules; the second pools as `pooling` says. */
function folderOf(modules: unknown, pooling: Record<string, unknown> = { pooling_mode_mean_tokens: true }): string {
  const folder = newFolder();
  mkdirSync(join(folder, "1_Pooling"), { recursive: true });
  writeFileSync(join(folder, "modules.json"), JSON.stringify(modules));
  writeFileSync(join(folder, "1_Pooling/config.json"), JSON.stringify(pooling));
  return folder;
}
const named = (...types: readonly string[]) =>
  types.map((type, idx) => ({
    idx,
    path: type === "Pooling" ? "1_Pooling" : "",
    type: `sentence_transformers.models.${type}`,
  }));

test("a folder without modules pools by the mean", () => {
  expect(sentenceSettings(newFolder())).toEqual({ pooling: "mean", normalize: false, maxLength: undefined });
});

test.each([
  ["cls", "pooling_mode_cls_token"],
  ["mean", "pooling_mode_mean_tokens"],
  ["max", "pooling_mode_max_tokens"],
])("pooling by %s is read, normalisation and length too", (pooling, mode) => {
  const folder = folderOf(named("Transformer", "Pooling", "Normalize"), {
    [mode]: true,
    pooling_mode_weightedmean_tokens: false,
  });
  writeFileSync(join(folder, "sentence_bert_config.json"), '{"max_seq_length": 256}');
  expect(sentenceSettings(folder)).toEqual({ pooling, normalize: true, maxLength: 256 });
});

test("what changes vectors and is not implemented is refused by name", () => {
  const dense = folderOf(named("Transformer", "Pooling", "Dense"));
  expect(() => sentenceSettings(dense)).toThrow(
    'modules.json: it has a module "sentence_transformers.models.Dense", but only Transformer, Pooling and Normalize are implemented',
  );
  const two = folderOf(named("Pooling"), { pooling_mode_cls_token: true, pooling_mode_max_tokens: true });
  expect(() => sentenceSettings(two)).toThrow(
    "config.json: it pools by pooling_mode_cls_token and pooling_mode_max_tokens, but must by one of pooling_mode_cls_token, pooling_mode_mean_tokens, pooling_mode_max_tokens",
  );
  expect(() => sentenceSettings(folderOf({}))).toThrow("modules.json: it holds no list of modules");
});
