import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../test/tiny-folder.ts";
import { type HostTensor, openSafetensors, writeSafetensors } from "./formats/index.ts";
import { type TensorReport, verifyFolder } from "./verify.ts";

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
