import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { edit, messageOf, newFolder } from "../test/tiny-folder.ts";
import { type HostTensor, openSafetensors, writeSafetensors } from "./formats/index.ts";
import { openReference, type TensorReport, verifyFolder } from "./verify.ts";

/** The reports on a golden folder whose reference has been changed. */
async function reports(name: string, change: (tensors: Map<string, HostTensor>) => void, only: readonly string[]) {
  const folder = newFolder();
  cpSync(join(import.meta.dirname, "../test/golden", name), folder, { recursive: true });
  const file = join(folder, "expected.safetensors");
  const expected = openSafetensors(file);
  const tensors = new Map([...expected.tensors.keys()].map((key) => [key, expected.read(key)] as const));
  const { metadata } = expected;
  expected.close();
  change(tensors);
  writeSafetensors(file, tensors, { metadata });
  const found: TensorReport[] = [];
  for await (const report of verifyFolder(folder, { only, threads: 1 })) found.push(report);
  return found;
}

test("a parameter that the reference has no gradient of takes no step", async () => {
  const first = "grads.transformer.wpe.weight";
  const [kept] = await reports("gpt2-default", () => {}, ["losses"]);
  const [left] = await reports("gpt2-default", (tensors) => void tensors.delete(first), ["losses"]);
  expect([kept!.ok, left!.ok]).toEqual([true, false]);
  const [one] = await reports("gpt2-default", (tensors) => void tensors.delete(first), ["outputs.loss"]);
  expect(one!.ok).toBe(true);
});

test("a configuration that names no head has the one that the reference was made with", async () => {
  const folder = newFolder();
  cpSync(join(import.meta.dirname, "../test/golden/gpt2-token-classification"), folder, { recursive: true });
  edit(join(folder, "config.json"), { architectures: undefined });
  const found: TensorReport[] = [];
  for await (const report of verifyFolder(folder, { only: ["outputs.logits"], threads: 1 })) found.push(report);
  expect(found.map(({ name, ok }) => [name, ok])).toEqual([["outputs.logits", true]]);

  const nameless = openSafetensors(join(folder, "expected.safetensors"));
  const tensors = new Map([...nameless.tensors.keys()].map((key) => [key, nameless.read(key)] as const));
  const metadata = { ...nameless.metadata, architecture: "GPT2ForMindReading" };
  nameless.close();
  writeSafetensors(join(folder, "expected.safetensors"), tensors, { metadata });
  expect(messageOf(() => openReference(folder)).replaceAll(folder, "FOLDER")).toBe(
    'FOLDER/config.json: there are no "architectures", and "GPT2ForMindReading" is not implemented; there are GPT2LMHeadModel, GPT2DoubleHeadsModel, GPT2ForSequenceClassification, GPT2ForTokenClassification, GPT2ForQuestionAnswering, GPT2Model',
  );
});

test("a reference that errs is compared with the same error, and says so", () => {
  const fault = (name: string) => {
    const { folder, expected, fault } = openReference(join(import.meta.dirname, "../test/golden", name));
    folder.close();
    expected.close();
    return fault;
  };
  expect(fault("falcon-alibi-twice")).toBe("transformers 5.23.0 adds ALiBi twice where it gives attentions");
  expect([fault("falcon-alibi"), fault("falcon-7b-form")]).toEqual([undefined, undefined]);
});

test("a folder whose weights cannot be read says so before it asks for a reference", () => {
  const folder = newFolder();
  cpSync(join(import.meta.dirname, "../test/golden/gpt2-default"), folder, { recursive: true });
  for (const file of ["expected.safetensors", "model.safetensors"]) rmSync(join(folder, file));
  cpSync(join(folder, "config.json"), join(folder, "pytorch_model.bin"));
  expect(messageOf(() => openReference(folder)).replaceAll(folder, "FOLDER")).toBe(
    "FOLDER: it has pytorch_model.bin but no model.safetensors; in Python, AutoModel.from_pretrained(…).save_pretrained(…) writes the latter",
  );
});

test("a folder without a model, or without a reference, is told", () => {
  const folder = newFolder();
  expect(messageOf(() => openReference(folder))).toContain("there is no config.json; is this a model folder?");
  cpSync(join(import.meta.dirname, "../test/golden/gpt2-default"), folder, { recursive: true });
  rmSync(join(folder, "expected.safetensors"));
  expect(messageOf(() => openReference(folder))).toContain("there is no expected.safetensors to compare with");
});
