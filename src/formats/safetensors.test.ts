import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { ARRAYS, bytesOf, type HostArray, type HostDtype, type HostTensor } from "./dtype.ts";
import { float16ToFloat32 } from "./half.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { openSafetensorsBytes } from "./safetensors-reader.ts";
import { writeSafetensors } from "./safetensors-write.ts";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
const path = join(folder, "model.safetensors");
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = (array: HostArray) => [...bytesOf(array)].flatMap((part) => [...part]);

function tensor(dtype: HostDtype, shape: readonly number[], from: Uint8Array): HostTensor {
  return { dtype, shape, data: new ARRAYS[dtype](from.slice().buffer) } as HostTensor;
}

function float32(shape: readonly number[], ...numbers: number[]): HostTensor {
  return { dtype: "float32", shape, data: Float32Array.from(numbers) };
}

/** As the standard has it; Node's types leave it out. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } };

/** A file with this header and these bytes of data. */
function file(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const all = new Uint8Array(8 + json.length + data.length);
  new DataView(all.buffer).setBigUint64(0, BigInt(json.length), true);
  all.set(json, 8);
  all.set(data, 8 + json.length);
  return all;
}

describe("round trips", () => {
  const anyTensor = fc
    .record({
      dtype: fc.constantFrom(...(Object.keys(ARRAYS) as HostDtype[])),
      shape: fc.array(fc.nat({ max: 4 }), { maxLength: 3 }),
      seed: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    })
    .map(({ dtype, shape, seed }) => {
      const length = shape.reduce((a, b) => a * b, 1) * ARRAYS[dtype].BYTES_PER_ELEMENT;
      const mask = dtype === "bool" ? 1 : 0xff;
      return tensor(
        dtype,
        shape,
        Uint8Array.from({ length }, (_, i) => seed[i % seed.length]! & mask),
      );
    });
  const name = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("__proto__", "constructor", "0", "wte.weight", '"\n\\'),
  );
  const files = fc.uniqueArray(fc.tuple(name, anyTensor), { selector: ([n]) => n, maxLength: 8 });

  test("every dtype, name and shape comes back bit for bit, NaN payloads and -0 included", () => {
    fc.assert(
      fc.property(
        files.map((entries) => new Map(entries.filter(([n]) => n !== "__metadata__"))),
        fc.dictionary(fc.string(), fc.string()),
        (tensors, metadata) => {
          writeSafetensors(path, tensors, { metadata });
          using read = openSafetensors(path);
          expect({ ...read.metadata }).toEqual({ format: "pt", ...metadata });
          expect([...read.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
          for (const [n, { dtype, shape, data }] of tensors) {
            const back = read.read(n);
            expect([back.dtype, back.shape, back.data.constructor]).toEqual([dtype, shape, ARRAYS[dtype]]);
            expect(bytes(back.data)).toEqual(bytes(data));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("float32 stored as F16 or BF16 comes back as the nearest number", () => {
    const x = Float32Array.of(1 / 3, -0, 65504, 1e-7, Number.NaN, Number.NEGATIVE_INFINITY);
    const nearest = {
      F16: [0.333251953125, -0, 65504, 1.1920928955078125e-7, Number.NaN, Number.NEGATIVE_INFINITY],
      BF16: [0.333984375, -0, 65536, 1.0011717677116394e-7, Number.NaN, Number.NEGATIVE_INFINITY],
    };
    for (const store of ["F16", "BF16"] as const) {
      const tensors = new Map<string, HostTensor>([
        ["x", { dtype: "float32", shape: [6], data: x }],
        ["ids", { dtype: "int64", shape: [1], data: BigInt64Array.of(-5n) }],
      ]);
      writeSafetensors(path, tensors, { store });
      using read = openSafetensors(path);
      expect(read.tensors.get("x")!.dtype).toBe(store);
      expect([...read.read("x").data]).toEqual(nearest[store]);
      expect([...read.read("ids").data]).toEqual([-5n]);
    }
  });

  test("a tensor of many pieces is rounded and widened piece by piece", () => {
    const data = float16ToFloat32(Uint16Array.from({ length: 1_500_001 }, (_, i) => i % 0x7c00));
    writeSafetensors(path, new Map([["x", { dtype: "float32", shape: [1_500_001], data }]]), { store: "F16" });
    using read = openSafetensors(path);
    expect(Buffer.compare(Buffer.from(read.read("x").data.buffer), Buffer.from(data.buffer))).toBe(0);
  });
});

describe("reading", () => {
  test("tensors that do not lie at a multiple of their size are read", () => {
    const numbers = Float64Array.of(Math.PI, -0);
    const data = Uint8Array.of(1, ...bytes(numbers), 0x00, 0x3c, ...bytes(Float32Array.of(7)));
    const weights = openSafetensorsBytes(
      file(
        {
          flag: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] },
          double: { dtype: "F64", shape: [2], data_offsets: [1, 17] },
          half: { dtype: "F16", shape: [], data_offsets: [17, 19] },
          float: { dtype: "F32", shape: [1, 1], data_offsets: [19, 23] },
        },
        data,
      ),
      "x",
    );
    expect(weights.read("double")).toEqual({ dtype: "float64", shape: [2], data: numbers });
    expect(weights.read("half")).toEqual({ dtype: "float32", shape: [], data: Float32Array.of(1) });
    expect(weights.read("float")).toEqual({ dtype: "float32", shape: [1, 1], data: Float32Array.of(7) });
    expect(weights.read("flag")).toEqual({ dtype: "bool", shape: [1], data: Uint8Array.of(1) });
  });

  test("a tensor is read into a view of a wasm memory, float64 as float32 too", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    writeSafetensors(
      path,
      new Map<string, HostTensor>([
        ["a", float32([2], 1, 2)],
        ["b", { dtype: "float64", shape: [2], data: Float64Array.of(0.1, 4) }],
      ]),
    );
    using read = openSafetensors(path);
    read.readInto("a", new Float32Array(memory.buffer, 4, 2));
    read.readInto("b", new Float32Array(memory.buffer, 12, 2));
    expect([...new Float32Array(memory.buffer, 0, 6)]).toEqual([0, 1, 2, Math.fround(0.1), 4, 0]);
    const doubles = new Float64Array(2);
    read.readInto("b", doubles);
    expect([...doubles]).toEqual([0.1, 4]);
  });

  test("only the header and the tensor that is asked for are read", () => {
    writeSafetensors(path, new Map([["x", float32([1], 1)]]));
    using read = openSafetensors(path);
    truncateSync(path, 20);
    expect(() => read.read("x")).toThrow(
      /^.*model.safetensors: ends at byte \d+ of \d+: it was cut while it was read$/,
    );
  });

  test("float8 is read as float32", () => {
    const weights = openSafetensorsBytes(
      file(
        {
          a: { dtype: "F8_E4M3", shape: [2], data_offsets: [0, 2] },
          b: { dtype: "F8_E5M2", shape: [2], data_offsets: [2, 4] },
        },
        Uint8Array.of(0x38, 0xfe, 0x3c, 0x81),
      ),
      "x",
    );
    expect([...weights.read("a").data, ...weights.read("b").data]).toEqual([1, -448, 1, -(2 ** -16)]);
  });

  test("what cannot be read is refused with name, dtype and sizes", () => {
    const read = openSafetensorsBytes(
      file(
        {
          w: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
          ids: { dtype: "I64", shape: [1], data_offsets: [24, 32] },
          scale: { dtype: "F8_E8M0", shape: [1], data_offsets: [32, 33] },
          mask: { dtype: "BOOL", shape: [1], data_offsets: [33, 34] },
        },
        new Uint8Array(34).fill(2),
      ),
      "m.safetensors",
    );
    expect(() => read.read("wte")).toThrow('m.safetensors: there is no "wte"; it holds "w", "ids", "scale", "mask"');
    expect(() => read.read("toString")).toThrow('m.safetensors: there is no "toString"');
    expect(() => read.readInto("w", new Float32Array(5))).toThrow(
      'm.safetensors: "w" is F32[2, 3], 6 elements, but the array has 5',
    );
    expect(() => read.readInto("w", new Int32Array(6))).toThrow(
      'm.safetensors: "w" is F32, which cannot be read into a Int32Array',
    );
    expect(() => read.readInto("ids", new Float32Array(1))).toThrow(
      'm.safetensors: "ids" is I64, which cannot be read into a Float32Array',
    );
    expect(() => read.read("scale")).toThrow('m.safetensors: "scale" is F8_E8M0, which no array here can hold');
    expect(() => read.read("mask")).toThrow('m.safetensors: "mask" is BOOL, but has bytes other than 0 and 1');
    read.close();
    read.close();
    expect(() => read.read("w")).toThrow('m.safetensors: is closed, so "w" cannot be read');
    expect(() => openSafetensorsBytes(file({}, new Uint8Array()), "m").read("w")).toThrow("it holds no tensors");
  });

  test("a tensor larger than memory is refused, not allocated", ({ skip }) => {
    const elements = 2 ** 40; // the file is sparse: 1 TiB of nothing
    const header = file({ w: { dtype: "U8", shape: [elements], data_offsets: [0, elements] } }, new Uint8Array());
    writeFileSync(path, header);
    try {
      truncateSync(path, header.length + elements);
    } catch {
      skip("this file system has no sparse files of that size");
    }
    using read = openSafetensors(path);
    expect(() => read.read("w")).toThrow(`"w" needs ${elements} bytes of memory, more than can be had`);
  });
});

describe("writing", () => {
  test("the data starts at a multiple of 8, larger elements first, then by name", () => {
    const tensors = new Map<string, HostTensor>([
      ["b", { dtype: "bool", shape: [1], data: Uint8Array.of(1) }],
      ["z", float32([1], 1)],
      ["i", { dtype: "int64", shape: [1], data: BigInt64Array.of(1n) }],
      ["a", float32([1], 2)],
    ]);
    writeSafetensors(path, tensors);
    const all = readFileSync(path);
    const length = Number(all.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(all.toString("utf8", 8, 8 + length))).toEqual({
      __metadata__: { format: "pt" },
      i: { dtype: "I64", shape: [1], data_offsets: [0, 8] },
      a: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
      z: { dtype: "F32", shape: [1], data_offsets: [12, 16] },
      b: { dtype: "BOOL", shape: [1], data_offsets: [16, 17] },
    });
    using read = openSafetensors(path);
    expect([...read.tensors.keys()]).toEqual(["i", "a", "z", "b"]);
  });

  test.each<[string, string, HostTensor, string]>([
    ["a shape of other size", "w", float32([2, 3], 1), '"w" is float32[2, 3], 6 elements, but its data has 1'],
    ["an impossible shape", "w", float32([-1, -1], 1), '"w" has an impossible shape: [-1, -1]'],
    [
      "data of another type",
      "w",
      { dtype: "float32", shape: [1], data: new Float64Array(1) } as unknown as HostTensor,
      '"w" is float32, but its data is a Float64Array',
    ],
    [
      "no data",
      "w",
      { dtype: "float32", shape: [1], data: null } as unknown as HostTensor,
      '"w" is float32, but its data is a null',
    ],
    [
      "an unknown dtype",
      "w",
      { dtype: "float16", shape: [1], data: new Uint16Array(1) } as unknown as HostTensor,
      '"w" is float16, but its data is a Uint16Array',
    ],
    ["bools above 1", "w", { dtype: "bool", shape: [1], data: Uint8Array.of(2) }, '"w" is bool, but has bytes above 1'],
    ["a reserved name", "__metadata__", float32([1], 1), 'the key "__metadata__" is there twice'],
    ["a name that is no Unicode", "\ud800", float32([1], 1), '"\\ud800" is not a Unicode text'],
    [
      "a number beyond F16",
      "w",
      float32([3], 1, Infinity, 7e4),
      '"w" has 70000 at element 2, too large for F16; store',
    ],
  ])("%s is refused, and the old file stays", (_what, name, wrong, message) => {
    writeSafetensors(path, new Map([["old", float32([1], 1)]]));
    const attempt = () => writeSafetensors(path, new Map([[name, wrong]]), { store: "F16" });
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(path);
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
    using read = openSafetensors(path);
    expect([...read.tensors.keys()]).toEqual(["old"]);
  });

  test("metadata that is no text is refused", () => {
    const metadata = { step: 3 } as unknown as Record<string, string>;
    expect(() => writeSafetensors(path, new Map(), { metadata })).toThrow(
      `${path}: its "__metadata__" must hold Unicode texts, but "step" is 3`,
    );
  });
});
