import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { f32 } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import { openProgram } from "../runtime/program.ts";
import {
  add,
  addmm,
  averagePool2d,
  causal,
  chunk,
  constant,
  conv1d,
  conv2d,
  convTranspose1d,
  crossEntropy,
  dropout,
  exp,
  type Float,
  gather,
  gelu,
  grad,
  input,
  layerNormalize,
  matmul,
  maxPool2d,
  minus,
  mul,
  rearrange,
  reshape,
  scan,
  sigmoid,
  slice,
  softmax,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
  within,
  zeros,
} from "../tensor/index.ts";
import { parameter } from "../tensor/tensor.ts";
import { decodeModel } from "./decode.ts";
import { encodeModel } from "./encode.ts";
import { type Named, SEED, toOnnx } from "./lower.ts";
import type { OnnxGraph } from "./model.ts";

const graphOf = (...args: Parameters<typeof toOnnx>) => decodeModel(toOnnx(...args).bytes).graph;

/** The graph and those inside its scans. */
const graphsOf = (graph: OnnxGraph): OnnxGraph[] => [
  graph,
  ...graph.nodes.flatMap(({ attributes }) =>
    Object.values(attributes).flatMap((value) => ("graph" in value ? graphsOf(value.graph) : [])),
  ),
];

// ---- graphs like those of models --------------------------------------------------------------------------

/** A Transformer block with its embedding, head and loss, as GPT-2's; every layer under its path. */
function gpt() {
  const [C, H, V] = [8, 2, 11];
  const ids = input(["batch", "time"], "int64");
  const labels = input(["batch", "time"], "int64");
  const params: Record<string, Tensor<"float32">> = {};
  const p = (name: string, ...shape: number[]) => {
    params[name] = parameter(shape);
    return params[name];
  };
  const normed = (name: string, x: Float) =>
    within(name, () => layerNormalize(x, p(`${name}.weight`, C), p(`${name}.bias`, C), 1e-5));
  const linear = (name: string, x: Float, from: number, to: number) =>
    within(name, () => {
      const [B, T] = x.shape;
      const rows = rearrange(x, "b t c -> (b t) c");
      return reshape(addmm(p(`${name}.bias`, to), rows, p(`${name}.weight`, from, to)), [B!, T!, to]);
    });

  const wte = p("wte.weight", V, C);
  let x = within("wte", () => dropout(gather(wte, ids), 0.1));
  x = within("h.0.attn", () => {
    const [q, k, v] = chunk(linear("h.0.attn.c_attn", normed("h.0.ln_1", x), C, 3 * C), 3, -1);
    const heads = (z: Float) => rearrange(z, "b t (h d) -> b h t d", { h: H });
    const scores = mul(matmul(heads(q), transpose(heads(k))), (C / H) ** -0.5);
    const seen = where(causal("time"), scores, -1e9);
    return add(x, linear("h.0.attn.c_proj", rearrange(matmul(softmax(seen), heads(v)), "b h t d -> b t (h d)"), C, C));
  });
  x = add(x, linear("h.0.mlp.c_proj", gelu(linear("h.0.mlp.c_fc", normed("h.0.ln_2", x), C, 4 * C)), 4 * C, C));
  const logits = within("lm_head", () => matmul(normed("ln_f", x), transpose(wte)));
  const shifted = slice(logits, 1, 0, minus("time", 1));
  const loss = crossEntropy(shifted, slice(labels, 1, 1, "time"));
  const names = Object.keys(params);
  const grads = grad(loss, Object.values(params)).map((g, i) => [`grads/${names[i]}`, g] as const);
  return { inputs: { ids, labels, ...params }, outputs: { loss, logits, ...Object.fromEntries(grads) } };
}

/** An LSTM with dropout on its way, forwards and backwards. */
function recurrent() {
  const [E, H] = [3, 4];
  const [xs, h0, c0] = [input(["time", "batch", E]), input(["batch", H]), input(["batch", H])];
  const [W, U, b] = [input([E, 4 * H]), input([H, 4 * H]), input([4 * H])];
  const { carry, ys } = within("rnn", () =>
    scan(
      ([h, c], [x]) => {
        const [i, f, g, o] = chunk(addmm(add(matmul(x, W), b), dropout(h, 0.2), U), 4, 1);
        const c1 = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
        const h1 = mul(sigmoid(o), tanh(c1));
        return { carry: [h1, c1], ys: [h1, x] };
      },
      [h0, c0],
      [xs],
      { reverse: true },
    ),
  );
  const loss = add(sum(mul(ys[0], ys[0])), sum(carry[1]));
  const [dxs, dh0, dW, dU, db] = grad(loss, [xs, h0, W, U, b]) as [Float, Float, Float, Float, Float];
  return { inputs: { xs, h0, c0, W, U, b }, outputs: { loss, same: ys[1], dxs, dh0, dW, dU, db } };
}

function convolutions() {
  const [x, w, v, u] = [input(["batch", 2, "time"]), input([4, 1, 3]), input([4, 2, 3]), input([3, 4, 2, 2])];
  const y = within("encoder.conv1", () => conv1d(x, w, { stride: 2, padding: [1, 0], groups: 2 }));
  const z = within("decoder.conv1", () => convTranspose1d(y, v, { stride: 2, dilation: 2, outputPadding: 1 }));
  const image = input(["batch", 4, 6, "width"]);
  const pooled = add(maxPool2d(image, 2), averagePool2d(image, 2));
  const seen = conv2d(pooled, u, { padding: [[0, 1], 0], dilation: [2, 1] });
  const loss = add(sum(mul(z, z)), sum(mul(seen, seen)));
  const [dx, dw, dv, du, dimage] = grad(loss, [x, w, v, u, image]) as [Float, Float, Float, Float, Float];
  return { inputs: { x, w, v, u, image }, outputs: { y, z, seen, dx, dw, dv, du, dimage } };
}

const models: Record<string, { readonly inputs: Named; readonly outputs: Named }> = {
  "a Transformer block": gpt(),
  "an LSTM": recurrent(),
  convolutions: convolutions(),
};
const each = Object.entries(models).flatMap(([name, { inputs, outputs }]) =>
  (["train", "evaluation"] as const).map((mode) => ({ name, mode, program: toOnnx(inputs, outputs, { mode }) })),
);

describe("names", () => {
  test("of nodes and values carry the layer's path; those of its backward pass say so", () => {
    const { nodes } = graphOf(models["a Transformer block"]!.inputs, models["a Transformer block"]!.outputs);
    const names = nodes.map(({ name }) => name);
    for (const name of [
      "wte/Gather",
      "h.0.ln_1/LayerNormalization",
      "h.0.attn/Softmax",
      "h.0.mlp.c_fc/Gemm",
      "lm_head/FusedMatMul",
    ])
      expect(names).toContain(name);
    expect(names).toContain("h.0.attn.c_attn/grad/FusedMatMul");
    const product = nodes.find(({ name }) => name === "h.0.attn/MatMul");
    expect(product!.outputs).toEqual([":h.0.attn/MatMul"]);
  });

  test.each(each)("of $name's nodes and values are each given once, scans included ($mode)", ({ program }) => {
    const { graph } = decodeModel(program.bytes);
    const all = graphsOf(graph);
    const nodes = all.flatMap((g) => g.nodes.map(({ name }) => name));
    const values = all.flatMap((g) => [
      ...g.inputs.map(({ name }) => name),
      ...g.initializers.map(({ name }) => name),
      ...g.nodes.flatMap(({ outputs }) => outputs.filter((output) => output !== "")),
    ]);
    expect(new Set(nodes).size).toBe(nodes.length);
    expect(new Set(values).size).toBe(values.length);
  });

  test.each(each)("of $name's values are all read or given back ($mode)", ({ program }) => {
    const all = graphsOf(decodeModel(program.bytes).graph);
    const read = new Set(all.flatMap((g) => [...g.nodes.flatMap((n) => n.inputs), ...g.outputs.map((o) => o.name)]));
    for (const { initializers, nodes } of all) {
      for (const { name } of initializers) expect(read).toContain(name);
      for (const { outputs } of nodes) expect(outputs.some((name) => read.has(name))).toBe(true);
    }
  });

  const [x, y] = [input([2]), input([2])];
  test.each<[string, Named, Named, string]>([
    [
      "the reserved prefix",
      { ":x": x },
      { y: x },
      '":x" cannot name an input or output: it is empty or begins with ":"',
    ],
    ["the seed's", { x }, { [SEED]: x }, '":seed" cannot name an input or output: it is empty or begins with ":"'],
    ["no name", { x }, { "": x }, '"" cannot name an input or output: it is empty or begins with ":"'],
    ["an input's name for an output", { x }, { x: exp(x) }, '"x" names both an input and an output'],
    ["one tensor as two inputs", { x, again: x }, { y: exp(x) }, 'inputs "x" and "again" are the same tensor'],
    ["an input that is left out", { x }, { z: add(x, y) }, "an input float32[2] is used but is not among the inputs"],
    [
      "a parameter that is left out",
      {},
      { z: exp(parameter([3])) },
      "a parameter float32[3] is used but is not among the inputs",
    ],
    ["a size that no input has", { x }, { z: zeros(["rows"]) }, 'no input has the size "rows"'],
  ])("%s: refused in our own words", (_, inputs, outputs, message) => {
    expect(() => toOnnx(inputs, outputs)).toThrow(`program: ${message}`);
  });

  test("that are properties of every object are names like others", () => {
    const graph = graphOf({ constructor: x }, { toString: exp(x) });
    expect([graph.inputs[0]!.name, graph.outputs[0]!.name]).toEqual(["constructor", "toString"]);
  });

  test("that a tree of inputs or outputs spells twice are refused", async () => {
    await expect(compile({ "a/b": x, a: { b: y } }, { z: add(x, y) })).rejects.toThrow(
      'program: two inputs are named "a/b"',
    );
    await expect(compile({ x }, { "0/y": exp(x), 0: { y: x } })).rejects.toThrow(
      'program: two outputs are named "0/y"',
    );
  });
});

describe("an output may be", () => {
  const x = input(["n"]);
  const one = constant("float32", [1], Float32Array.of(7));
  const y = exp(x);
  test.each<[string, Record<string, Tensor>, Record<string, readonly number[]>]>([
    ["an input", { a: x }, { a: [0, 1] }],
    ["a constant", { a: one }, { a: [7] }],
    ["one tensor under two names", { a: y, b: y }, { a: [1, Math.fround(Math.E)], b: [1, Math.fround(Math.E)] }],
    ["an input, twice", { a: x, b: x }, { a: [0, 1], b: [0, 1] }],
    ["what another output is made of", { a: y, b: mul(y, 0) }, { a: [1, Math.fround(Math.E)], b: [0, 0] }],
    ["dropout that is left out", { a: dropout(x, 0.5) }, { a: [0, 1] }],
  ])("%s", async (_, outputs, want) => {
    await using program = await compile({ x }, { outputs }, { mode: "evaluation" });
    const got = await program({ x: f32([2], [0, 1]) });
    for (const [name, numbers] of Object.entries(want))
      for (const [i, v] of numbers.entries()) expect(got.outputs[name]!.data[i]).toBeCloseTo(v, 5);
  });
});

describe("initializers", () => {
  const [x, w, unused] = [input(["n", 2]), parameter([2, 2]), parameter([5])];
  const weights = new Map<Tensor, Float32Array>([
    [w, Float32Array.of(1, 2, 3, 4)],
    [unused, new Float32Array(5)],
  ]);

  test("become part of the file, those that are used; the others and their inputs are no inputs", async () => {
    const onnx = toOnnx({ x }, { y: matmul(x, w), w }, { initializers: weights });
    expect(onnx.inputs.map(({ name }) => name)).toEqual(["x"]);
    const { initializers } = decodeModel(onnx.bytes).graph;
    expect(initializers.map(({ dims }) => dims)).toEqual([[2, 2]]);
    await using program = await openProgram(onnx, { threads: 1 });
    const got = await program.run({ x: f32([1, 2], [1, 10]) });
    expect(got).toEqual({ y: f32([1, 2], [31, 42]), w: f32([2, 2], [1, 2, 3, 4]) });
  });

  test("may stand for what is computed: its inputs are then not asked for", () => {
    const folded = mul(w, 2);
    const onnx = toOnnx({ x }, { y: matmul(x, folded) }, { initializers: new Map([[folded, new Float32Array(4)]]) });
    expect(onnx.inputs.map(({ name }) => name)).toEqual(["x"]);
  });
});

test("a program that draws has a seed among its inputs, last; for evaluation it draws nothing", () => {
  const { inputs, outputs } = models["an LSTM"]!;
  const names = (mode: "train" | "evaluation") => toOnnx(inputs, outputs, { mode }).inputs.map(({ name }) => name);
  expect(names("train")).toEqual([...Object.keys(inputs), SEED]);
  expect(names("evaluation")).toEqual(Object.keys(inputs));
  const ops = graphsOf(graphOf(inputs, outputs, { mode: "evaluation" })).flatMap((g) => g.nodes.map(({ op }) => op));
  expect(ops).not.toContain("BitShift");
});

test("sizes are signatures and symbolic dims as they were written", () => {
  const x = input(["batch", "time"]);
  const { inputs, outputs } = toOnnx({ x }, { y: slice(x, 1, 1, "time") });
  expect(inputs).toEqual([{ name: "x", dtype: "float32", dims: ["batch", "time"] }]);
  expect(outputs).toEqual([{ name: "y", dtype: "float32", dims: ["batch", "time - 1"] }]);
});

test("a product of all steps of a scan is not made in its body, and weights are read there by name", () => {
  const { inputs, outputs } = models["an LSTM"]!;
  const [outer, ...bodies] = graphsOf(graphOf(inputs, outputs));
  expect(bodies).toHaveLength(2); // forwards and backwards
  expect(outer!.nodes.filter(({ op }) => op.endsWith("MatMul"))).toHaveLength(5); // x W, and dx, dW, dU, and db, a sum over rows
  expect(bodies[0]!.nodes.filter(({ op }) => op === "Gemm")).toHaveLength(1);
  expect(bodies[0]!.nodes.find(({ op }) => op === "Gemm")!.inputs[1]).toBe("U");
  for (const { initializers } of bodies) expect(initializers).toEqual([]);
});

test.each(each)("what is written of $name reads back as it was ($mode)", ({ program }) => {
  const model = decodeModel(program.bytes);
  expect(decodeModel(encodeModel(model))).toEqual(model);
  expect(encodeModel(model)).toEqual(program.bytes);
});

test.each(each)("the engine opens $name ($mode)", async ({ program }) => {
  await using opened = await openProgram(program, { threads: 1 });
  expect(opened.outputs).toEqual(program.outputs);
});

describe("Python's onnx", () => {
  const python = process.env["PYTHON"] ?? "python3";
  const present = spawnSync(python, ["-c", "import onnx"]).status === 0;
  const folder = mkdtempSync(join(tmpdir(), "trainformer-lower-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("finds no fault in a Transformer block, an LSTM and convolutions, forwards and backwards", ({ skip }) => {
    skip(!present, `skipped: ${python} has no onnx; PYTHON=… names one that has`);
    const paths = each.map(({ name, mode, program }) => {
      const path = join(folder, `${name} ${mode}.onnx`);
      writeFileSync(path, program.bytes);
      return path;
    });
    const checker = fileURLToPath(new URL("golden/check.py", import.meta.url));
    const { stderr, status } = spawnSync(python, [checker, ...paths], { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  });
});
