import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { distance } from "../../test/contract/numbers.ts";
import { openSafetensors, readJson } from "../formats/index.ts";
import { openFolder } from "../hub/index.ts";
import { build, forward, gpt2 } from "../models/index.ts";
import { compile } from "../runtime/compile.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { input } from "../tensor/index.ts";
import { type conv1d, type Linear, linear, lora, namedParams } from "./index.ts";

/** The parts of a GPT-2 that an adapter is put on. */
interface Adaptable {
  readonly transformer: { readonly h: readonly { readonly attn: { c_attn: ReturnType<typeof conv1d> } }[] };
}
function adapted(model: object, rank: number, alpha: number) {
  for (const { attn } of (model as Adaptable).transformer.h) attn.c_attn = lora(attn.c_attn, { rank, alpha });
  return namedParams(model);
}
const isNew = (name: string) => /\.lora_[AB]\./.test(name);

test("an adapter's parameters have the names that PEFT writes, and the base keeps its own", () => {
  const model = build(gpt2({ ...gpt2.tiny, n_layer: 1 }), "GPT2LMHeadModel");
  const before = [...namedParams(model).keys()];
  const params = adapted(model, 2, 4);
  expect([...params.keys()].filter((name) => !isNew(name))).toEqual(before);
  expect(
    [...params].filter(([name]) => isNew(name)).map(([name, { shape }]) => [`base_model.model.${name}`, shape]),
  ).toEqual([
    ["base_model.model.transformer.h.0.attn.c_attn.lora_A.weight", [2, 12]],
    ["base_model.model.transformer.h.0.attn.c_attn.lora_B.weight", [36, 2]],
  ]);
});

test("a new adapter changes nothing: B is 0", () => {
  const adapter = lora(linear(5, 4));
  expect(adapter.lora_B.weight.init).toEqual({ kind: "constant", value: 0 });
});

test("an adapter takes its base's place, with the base's type", () => {
  const block: { map: Linear } = { map: linear(5, 4) };
  block.map = lora(block.map, { rank: 2 });
  expect(block.map(input(["batch", 5])).shape).toEqual(["batch", 4]);
});

const shared = join(import.meta.dirname, "../../../shared/golden/gpt2-lora");
test.skipIf(!existsSync(shared))("PEFT's own file fits name for name, and gives the same logits and loss", async () => {
  using folder = openFolder(join(shared, "base"));
  const { r, lora_alpha } = readJson(join(shared, "adapter/adapter_config.json")) as { r: number; lora_alpha: number };
  const params = adapted(folder.model, r, lora_alpha);
  using adapter = openSafetensors(join(shared, "adapter/adapter_model.safetensors"));
  expect(
    [...params.keys()]
      .filter(isNew)
      .map((name) => `base_model.model.${name}`)
      .sort(),
  ).toEqual([...adapter.tensors.keys()].sort());

  const weights = Object.fromEntries(
    [...params].map(([name, { shape }]) => {
      const data = new Float32Array(count(shape));
      if (isNew(name)) adapter.readInto(`base_model.model.${name}`, data);
      else folder.read(name, data);
      return [name, { dtype: "float32", dims: shape, data } as const];
    }),
  );
  using expected = openSafetensors(join(shared, "expected.safetensors"));
  const batch = Object.fromEntries(
    ["input_ids", "attention_mask", "labels"].map((name) => {
      const { dtype, shape, data } = expected.read(`inputs.${name}`);
      return [name, { dtype, dims: shape, data } as Value];
    }),
  );
  const inputs = Object.fromEntries(Object.entries(batch).map(([name, { dims }]) => [name, input(dims, "int64")]));
  const { logits, loss } = forward(folder.model, inputs);
  await using program = await compile(
    { params: Object.fromEntries(params), inputs },
    { logits: logits!, loss: loss! },
    { mode: "evaluation" },
  );
  const got = await program({ params: weights, inputs: batch } as Parameters<typeof program>[0]);
  for (const name of ["logits", "loss"] as const)
    expect(
      distance([...(got[name].data as Float32Array)], [...(expected.read(`outputs.${name}`).data as Float32Array)]),
    ).toBeLessThan(2e-5);
});
