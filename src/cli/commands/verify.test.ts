/** `verify`: what it prints and how it ends, on a folder whose reference numbers are made here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, trainformer } from "../../../test/spawn-cli.ts";
import { writeSafetensors } from "../../formats/index.ts";
import { saveFolder } from "../../hub/index.ts";
import { build, forward, gpt2 } from "../../models/index.ts";
import { fillInitial, namedParams } from "../../nn/index.ts";
import { compile } from "../../runtime/compile.ts";
import { input, trace } from "../../tensor/index.ts";

let root: string;
let right: string;
let wrong: string;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "trainformer-verify-"));
  right = await modelFolder("right", 0);
  wrong = await modelFolder("wrong", 1e-3);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A tiny GPT-2 with its own loss and logits as reference, the logits moved by `off`. */
async function modelFolder(name: string, off: number): Promise<string> {
  const folder = join(root, name);
  const spec = gpt2(gpt2.tiny);
  const headName = "GPT2LMHeadModel";
  const model = build(spec, headName);
  const params = namedParams(model);
  const weights = new Map(
    [...params].map(([path, { shape, init }], key) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      fillInitial(data, init, key);
      return [path, data] as const;
    }),
  );
  saveFolder(folder, { spec, headName, weights });

  const dims = [2, 5];
  const ids = { dtype: "int64", dims, data: BigInt64Array.from({ length: 10 }, (_, i) => BigInt(i)) } as const;
  const inputs = { input_ids: input(dims, "int64"), labels: input(dims, "int64") };
  const { loss, logits } = trace(() => forward(model, inputs)).result;
  await using program = await compile(
    { inputs, params: Object.fromEntries(params) },
    { loss: loss!, logits: logits! },
    { mode: "evaluation" },
  );
  const fed = [...params].map(
    ([path, { shape }]) => [path, { dtype: "float32", dims: shape, data: weights.get(path)! }] as const,
  );
  const given = await program({ inputs: { input_ids: ids, labels: ids }, params: Object.fromEntries(fed) });
  const tensors = {
    "inputs.input_ids": { dtype: "int64", shape: dims, data: ids.data },
    "inputs.labels": { dtype: "int64", shape: dims, data: ids.data },
    "outputs.loss": { dtype: "float32", shape: [], data: given.loss.data as Float32Array },
    "outputs.logits": {
      dtype: "float32",
      shape: given.logits.dims,
      data: (given.logits.data as Float32Array).map((x) => x + off),
    },
  } as const;
  writeSafetensors(join(folder, "expected.safetensors"), new Map(Object.entries(tensors)), {
    metadata: { format: "trainformer-expected-1" },
  });
  return folder;
}

test("a folder that agrees with its reference is verified, tensor by tensor", async () => {
  const ended = await trainformer(["verify", right, "--json"]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  const lines = jsonLines(ended);
  expect(lines.map(({ name }) => name)).toEqual(["outputs.logits", "outputs.loss", undefined]);
  expect(Object.keys(lines[0]!)).toEqual(["name", "max_abs", "max_rel", "limit", "ok"]);
  expect(lines.at(-1)).toEqual({ verified: true, tensors: 2, failed: 0 });
});

test("a folder that does not agree ends with status 1, and says which tensor is how far off", async () => {
  const ended = await trainformer(["verify", wrong, "--json"]);
  expect(ended).toMatchObject({ status: 1, stderr: "" });
  const lines = jsonLines(ended);
  expect(lines.map(({ ok }) => ok)).toEqual([false, true, undefined]);
  expect(lines[0]!["max_abs"]).toBeCloseTo(1e-3, 5);
  expect(lines.at(-1)).toEqual({ verified: false, tensors: 2, failed: 1 });
});

test("people see a table and a verdict", async () => {
  const { stdout, status } = await trainformer(["verify", wrong]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/ ✓ outputs\.loss /);
  expect(stdout).toMatch(/ ✗ outputs\.logits +1\.0e-3/);
  expect(stdout).toContain("not verified: 1 of 2 tensors is further from the reference than allowed");
});

test("--only leaves tensors out, --tolerance widens the limits", async () => {
  const [only, wide] = await Promise.all([
    trainformer(["verify", wrong, "--only", "outputs.loss"]),
    trainformer(["verify", wrong, "--tolerance", "1e4"]),
  ]);
  expect(only!.stdout).toContain("verified: 1 tensor agrees with the reference");
  expect(wide!.stdout).toContain("verified: 2 tensors agree with the reference");
  expect([only!.status, wide!.status]).toEqual([0, 0]);
});

test("what cannot be compared is wrong usage", async () => {
  const { status, stderr } = await trainformer(["verify", right, "--only", "grads"]);
  expect(status).toBe(2);
  expect(stderr).toContain("it holds nothing named grads");
  rmSync(join(wrong, "expected.safetensors"));
  expect((await trainformer(["verify", wrong])).stderr).toContain("there is no expected.safetensors to compare with");
  writeFileSync(join(wrong, "config.json"), "{");
  expect((await trainformer(["verify", wrong])).status).toBe(2);
});
