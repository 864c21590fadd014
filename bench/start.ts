/** Where both sides of a comparison start from: a folder whose `model.safetensors` holds our first weights and the batch. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchOf, type Case, headOf } from "../src/cli/cases.ts";
import { type HostTensor, writeSafetensors } from "../src/formats/index.ts";
import { build } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { fillInitial } from "../src/nn/init.ts";
import { keyOf } from "../src/random.ts";
import { count } from "../src/tensor/dtype.ts";

export const WEIGHTS = "model.safetensors";

export interface Start extends Disposable {
  readonly folder: string;
}

/** In a temporary folder, which goes with the result. */
export function writeStart(given: Case, seed = 0): Start {
  const tensors = new Map<string, HostTensor>();
  for (const [name, { shape, init }] of namedParams(build(given.model, headOf(given)))) {
    const data = new Float32Array(count(shape));
    fillInitial(data, init, keyOf(seed, name));
    tensors.set(name, { dtype: "float32", shape, data });
  }
  for (const [name, { dims, data }] of Object.entries(batchOf(given)))
    tensors.set(`batch.${name}`, { dtype: "int64", shape: dims, data: data as BigInt64Array });
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  writeSafetensors(join(folder, WEIGHTS), tensors, { metadata: { ...given.told } });
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
