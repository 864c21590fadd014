/**
 * Files and numbers against Python's safetensors, numpy and ml_dtypes: `$PYTHON` or `python3`, where it can import
 * them, else skipped.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ARRAYS, type HostDtype, type HostTensor } from "./dtype.ts";
import { float32ToBfloat16, float32ToFloat16 } from "./half.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { writeSafetensors } from "./safetensors-write.ts";

const python = process.env["PYTHON"] ?? "python3";
const has = spawnSync(python, ["-c", "import safetensors.numpy, numpy, ml_dtypes"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "python-"));
afterAll(() => rmSync(folder, { recursive: true }));

function run(code: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ["-c", code, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Awkward numbers of every dtype: all bit patterns, but 0 and 1 for bools. */
function everyDtype(): Map<string, HostTensor> {
  return new Map(
    (Object.keys(ARRAYS) as HostDtype[]).map((dtype, k) => {
      const bytes = Uint8Array.from({ length: 48 }, (_, i) => (i * 83 + k * 59) & (dtype === "bool" ? 1 : 0xff));
      const data = new ARRAYS[dtype](bytes.buffer);
      return [`${dtype}.wëight`, { dtype, shape: [2, data.length / 2], data } as HostTensor];
    }),
  );
}

describe.skipIf(!has)(`${python}, skipped where it cannot import safetensors, numpy and ml_dtypes`, () => {
  test("the reference reads our file with the same values, and writes the same file byte for byte", () => {
    const ours = join(folder, "ours.safetensors");
    const theirs = join(folder, "theirs.safetensors");
    const tensors = everyDtype();
    writeSafetensors(ours, tensors);
    const code = `
import json, sys
from safetensors.numpy import load_file, save_file
tensors = load_file(sys.argv[1])
print(json.dumps({k: [v.dtype.name, list(v.shape), v.tobytes().hex()] for k, v in tensors.items()}))
save_file(tensors, sys.argv[2], metadata={"format": "pt"})`;
    const expected = [...tensors].map(([name, { dtype, shape, data }]) => {
      return [name, [dtype, shape, Buffer.from(data.buffer as ArrayBuffer).toString("hex")]];
    });
    expect(JSON.parse(run(code, ours, theirs))).toEqual(Object.fromEntries(expected));
    expect(readFileSync(ours).equals(readFileSync(theirs))).toBe(true);
  });

  test("we read the reference's file, narrow floats included", () => {
    const path = join(folder, "narrow.safetensors");
    const code = `
import sys, numpy as np, ml_dtypes as ml
from safetensors import TensorSpec, serialize_file
half, byte = np.arange(65536, dtype=np.uint16), np.arange(256, dtype=np.uint8)
kinds = {"float16": (half, np.float16), "bfloat16": (half, ml.bfloat16),
         "float8_e4m3fn": (byte, ml.float8_e4m3fn), "float8_e5m2": (byte, ml.float8_e5m2)}
wide = {k: np.ascontiguousarray(bits.view(t).astype(np.float32)) for k, (bits, t) in kinds.items()}
def spec(dtype, a):
    return TensorSpec(dtype=dtype, shape=list(a.shape), data_ptr=a.ctypes.data, data_len=a.nbytes)
serialize_file({k: spec(k, bits) for k, (bits, _) in kinds.items()}
               | {k + ".wide": spec("float32", a) for k, a in wide.items()}, sys.argv[1])`;
    run(code, path);
    using weights = openSafetensors(path);
    for (const name of ["float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"])
      expect(weights.read(name).data).toEqual(weights.read(`${name}.wide`).data);
    expect(weights.tensors.size).toBe(8);
  });

  test("rounding equals numpy's and ml_dtypes', apart from the payload of a NaN", () => {
    const x = Float32Array.from({ length: 100_000 }, (_, i) => ((i % 7) - 3.1) * 2 ** ((i % 60) - 40) * (1 + i / 1e5));
    const path = join(folder, "x.bin");
    writeFileSync(path, x);
    const code = `
import sys, numpy as np, ml_dtypes
x = np.fromfile(sys.argv[1], np.float32)
with np.errstate(over="ignore"):
    x.astype(np.float16).tofile(sys.argv[1] + ".16")
x.astype(ml_dtypes.bfloat16).tofile(sys.argv[1] + ".b16")`;
    run(code, path);
    expect(readFileSync(`${path}.16`).equals(Buffer.from(float32ToFloat16(x).buffer))).toBe(true);
    expect(readFileSync(`${path}.b16`).equals(Buffer.from(float32ToBfloat16(x).buffer))).toBe(true);
  });
});
