/** Products of int8 beside those of float32: how close, how many, and where they are made. */
import { expect, test } from "vitest";
import { f32, normals } from "../../test/gradient-check.ts";
import { build, forward, gpt2 } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { fillInitial } from "../nn/init.ts";
import { keyOf } from "../random.ts";
import { compile } from "../runtime/compile.ts";
import type { Values } from "../runtime/engine.ts";
import { openProgram } from "../runtime/program.ts";
import { count, type Value } from "../tensor/dtype.ts";
import {
  add,
  addmm,
  chunk,
  type Float,
  grad,
  input,
  logSoftmax,
  matmul,
  mul,
  relu,
  reshape,
  scan,
  sigmoid,
  softmax,
  square,
  sum,
  tanh,
  trace,
  transpose,
  zeros,
} from "../tensor/index.ts";
import { parameter } from "../tensor/tensor.ts";
import { decodeModel } from "./decode.ts";
import { type Named, toOnnx } from "./lower.ts";
import type { OnnxGraph } from "./model.ts";

const graphOf = (inputs: Named, outputs: Named): OnnxGraph =>
  decodeModel(toOnnx(inputs, outputs, { precision: "int8" }).bytes).graph;
const bodiesOf = ({ nodes }: OnnxGraph): OnnxGraph[] =>
  nodes.flatMap(({ attributes }) => Object.values(attributes).flatMap((x) => ("graph" in x ? [x.graph] : [])));
const counts = ({ nodes }: OnnxGraph, ...ops: string[]) => ops.map((op) => nodes.filter((n) => n.op === op).length);

const [INT8, FLOAT, RANGE, QUANTIZE] = ["MatMulIntegerToFloat", "MatMul", "DynamicQuantizeLinear", "QuantizeLinear"];

const cosine = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += x[i]! * y[i]!;
    xx += x[i]! ** 2;
    yy += y[i]! ** 2;
  }
  return xy / Math.sqrt(xx * yy);
};
const bitsOf = ({ buffer, byteOffset, byteLength }: Value["data"]) => Buffer.from(buffer, byteOffset, byteLength);
const largest = (xs: Iterable<number>) => [...xs].reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** (inputs, outputs) run in both precisions on the same numbers. */
async function both<Out extends Named>(inputs: Named, outputs: Out, values: Values) {
  await using exact = await openProgram(toOnnx(inputs, outputs));
  await using rounded = await openProgram(toOnnx(inputs, outputs, { precision: "int8" }));
  const [want, got] = [await exact.run(values), await rounded.run(values)];
  const numbers = (run: Values) =>
    Object.fromEntries(Object.entries(run).map(([name, { data }]) => [name, data as Float32Array])) as {
      [K in keyof Out]: Float32Array;
    };
  return { want: numbers(want), got: numbers(got) };
}

test("a product with a parameter is of int8, whichever way the parameter lies; others are of float32", () => {
  const x = input(["rows", 64]);
  const [W, V] = [parameter([64, 128]), parameter([128, 64])];
  const y = add(matmul(x, W), matmul(x, transpose(V)));
  const attention = matmul(softmax(matmul(y, transpose(y))), y);
  expect(counts(graphOf({ x, W, V }, { attention }), INT8!, FLOAT!, "FusedMatMul")).toEqual([2, 1, 1]);
});

test("a weight that is made of parameters is one too", () => {
  const x = input(["rows", 128]);
  const [A, B, W] = [parameter([128, 4]), parameter([4, 128]), parameter([128, 128])];
  const adapted = matmul(x, add(W, mul(2, matmul(A, B))));
  const graph = graphOf({ x, A, B, W }, { adapted });
  expect(counts(graph, INT8!, FLOAT!)).toEqual([1, 1]); // A B is a product of parameters alone
});

test("what is too small to gain stays float32", () => {
  const x = input(["rows", 64]);
  const [narrow, small] = [parameter([64, 63]), parameter([64, 127])];
  const graph = graphOf({ x, narrow, small }, { y: matmul(x, narrow), z: matmul(x, small) });
  expect(counts(graph, INT8!, FLOAT!)).toEqual([0, 2]);
});

test("products of one input share its rounding, and forward and backward share the weight's", () => {
  const x = input(["rows", 256]);
  const [Q, K] = [parameter([256, 512]), parameter([512, 256])];
  const loss = sum(square(matmul(relu(matmul(x, Q)), K)));
  const [dQ, dK] = grad(loss, [Q, K]);
  const graph = graphOf({ x, Q, K }, { loss, dQ: dQ!, dK: dK! });
  expect(counts(graph, INT8!, FLOAT!, "FusedMatMul")).toEqual([2 + 1 + 4, 0, 0]); // forward, dX, each dW as two
  expect(counts(graph, RANGE!, QUANTIZE!)).toEqual([4 + 2, 2 + 4]); // x, relu, a cotangent of each, Q and K; Q, K and the halves
});

test("a bias is added by the product, a residual after it", () => {
  const [x, residual] = [input(["rows", 128]), input(["rows", 128])];
  const [W, b] = [parameter([128, 128]), parameter([128])];
  const y = add(addmm(b, x, W), add(matmul(x, W), b));
  const graph = graphOf({ x, residual, W, b }, { y: add(y, addmm(residual, x, W)) });
  expect(counts(graph, INT8!, "Add", "Gemm")).toEqual([3, 3, 0]);
});

test("a product lies as close to float32's as its factors' steps allow", async () => {
  const [n, K, N] = [40, 96, 128];
  const x = input(["rows", K]);
  const [W, b] = [parameter([K, N]), parameter([N])];
  const values = {
    x: f32([n, K], normals([n, K], 1)),
    W: f32([K, N], normals([K, N], 2)),
    b: f32([N], normals([N], 3)),
  };
  const { want, got } = await both({ x, W, b }, { y: add(matmul(x, W), b) }, values);
  const [xs, ws] = [values.x.data, values.W.data];
  const [xStep, wStep] = [(Math.max(...xs) - Math.min(...xs)) / 255, largest(ws) / 64];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < N; j++) {
      let bound = 1e-4;
      for (let k = 0; k < K; k++)
        bound += (Math.abs(xs[i * K + k]!) * wStep + Math.abs(ws[k * N + j]!) * xStep + (xStep * wStep) / 2) / 2;
      expect(Math.abs(want.y[i * N + j]! - got.y[i * N + j]!)).toBeLessThan(bound);
    }
  expect(cosine(want.y, got.y)).toBeGreaterThan(0.9995);
});

test("the largest numbers of both factors do not overflow, on any CPU", async () => {
  const [n, K, N] = [8, 128, 128];
  const [x, W] = [input(["rows", K]), parameter([K, N])];
  const values = { x: f32([n, K], Array(n * K).fill(2.55)), W: f32([K, N], Array(K * N).fill(-0.64)) };
  const { got } = await both({ x, W }, { y: matmul(x, W) }, values);
  for (const y of got.y) expect(y).toBeCloseTo(-2.55 * 0.64 * K, 3);
});

test("a weight's gradient sees its cotangent to 14 bits: with an input of whole numbers it is float32's", async () => {
  const [n, K, N] = [50, 256, 512];
  const x = input(["rows", K]);
  const W = parameter([K, N]);
  const c = input(["rows", N]);
  const loss = sum(mul(matmul(x, W), c)); // dY is c
  const whole = normals([n, K], 1).map((v) => Math.max(-128, Math.min(127, Math.round(40 * v))));
  [whole[0], whole[1]] = [-128, 127]; // so that a step is 1
  const heavy = normals([n, N], 3).map((v) => v ** 5); // a few large numbers, many small ones
  const values = { x: f32([n, K], whole), c: f32([n, N], heavy), W: f32([K, N], normals([K, N], 2)) };
  const { want, got } = await both({ x, W, c }, { dW: grad(loss, [W])[0]! }, values);
  const error = want.dW.map((v, i) => v - got.dW[i]!);
  expect(largest(error)).toBeLessThan(1e-4 * largest(want.dW));
  expect(1 - cosine(want.dW, got.dW)).toBeLessThan(1e-7);
});

test("the gradient of what a large vocabulary's logits come from is as close as float32's own rounding allows", async () => {
  const [n, C, V] = [40, 64, 1000];
  const x = input(["rows", C]);
  const W = parameter([V, C]);
  const dy = input(["rows", V]);
  const dx = grad(sum(mul(matmul(x, transpose(W)), dy)), [x])[0]!;
  const spread = normals([n, V], 1).map((v) => Math.abs(v) / V); // each far below a step of the largest
  const logits = spread.map((p, i) => p - (i % V === 7 ? 1 : 0));
  const values = {
    x: f32([n, C], normals([n, C], 2)),
    W: f32(
      [V, C],
      normals([V, C], 3).map((w) => 1 + w),
    ),
    dy: f32([n, V], logits),
  };
  expect(counts(graphOf({ x, W, dy }, { dx }), INT8!, RANGE!)).toEqual([2, 2 + 1]);
  const { want, got } = await both({ x, W, dy }, { dx }, values);
  expect(1 - cosine(want.dx, got.dx)).toBeLessThan(1e-3);
});

test("the cotangent of logits is taken to 16 bits, whatever the vocabulary's size and however a weight lies", () => {
  for (const tied of [true, false]) {
    const x = input(["rows", 128]);
    const [inner, W] = [parameter([128, 128]), parameter(tied ? [96, 128] : [128, 96])];
    const bias = parameter([96]);
    const logits = add(matmul(matmul(x, inner), tied ? transpose(W) : W), bias);
    const loss = sum(logSoftmax(reshape(logits, ["rows", 1, 96])));
    const dx = grad(loss, [x])[0]!;
    // forward twice, the logits' cotangent as two, the inner one's as one
    expect(counts(graphOf({ x, inner, W, bias }, { loss, dx }), INT8!)).toEqual([2 + 2 + 1]);
  }
});

test("a gradient that the graph writes transposed is the same", async () => {
  const x = input(["rows", 512]);
  const W = parameter([256, 512]);
  const b = parameter([256]);
  const loss = sum(square(add(matmul(x, transpose(W)), b)));
  const [dW, db] = grad(loss, [W, b]) as [Float, Float];
  const values = {
    x: f32([30, 512], normals([30, 512], 1)),
    W: f32([256, 512], normals([256, 512], 2)),
    b: f32([256], normals([256], 3)),
  };
  expect(counts(graphOf({ x, W, b }, { dW, db }), INT8!)).toEqual([3]);
  const { want, got } = await both({ x, W, b }, { dW, db }, values);
  expect(cosine(want.dW, got.dW)).toBeGreaterThan(0.999);
});

test("zeros stay zeros", async () => {
  const x = input(["rows", 256]);
  const W = parameter([256, 512]);
  const y = matmul(x, W);
  const [dW, dx] = grad(sum(mul(y, y)), [W, x]) as [Float, Float];
  const rows = f32([8, 256], normals([8, 256], 1));
  const zeroWeight = await both({ x, W }, { y, dW, dx }, { x: rows, W: f32([256, 512], new Float32Array(256 * 512)) });
  for (const name of ["y", "dW", "dx"] as const) expect(largest(zeroWeight.got[name])).toBe(0);
  const zeroInput = f32([8, 256], new Float32Array(8 * 256));
  const weight = normals([256, 512], 2);
  expect(largest((await both({ x, W }, { y, dW, dx }, { x: zeroInput, W: f32([256, 512], weight) })).got.y)).toBe(0);
});

// ---- models -----------------------------------------------------------------------------------------------

const small = gpt2({
  ...{ vocab_size: 65, n_positions: 32, n_embd: 128, n_layer: 2, n_head: 4, n_inner: 1024 },
  ...{ embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 },
});

function tracedGpt() {
  const model = build(small, "GPT2LMHeadModel");
  const params = namedParams(model);
  const batch = { input_ids: input(["batch", "time"], "int64"), labels: input(["batch", "time"], "int64") };
  const loss = trace(() => forward(model, batch)).result["loss"] as Float;
  const grads = grad(loss, [...params.values()]);
  const weights: Record<string, Value> = {};
  for (const [name, { shape, init }] of params) {
    const data = new Float32Array(count(shape));
    fillInitial(data, init, keyOf(0, name));
    weights[name] = { dtype: "float32", dims: shape, data };
  }
  const ids = (B: number, T: number): Values => {
    const data = BigInt64Array.from({ length: B * T }, (_, i) => BigInt((i * i + 3 * i) % 65));
    return Object.fromEntries(["input_ids", "labels"].map((name) => [name, { dtype: "int64", dims: [B, T], data }]));
  };
  const outputs = { loss, ...Object.fromEntries([...params.keys()].map((name, i) => [`grads/${name}`, grads[i]!])) };
  return { inputs: { ...Object.fromEntries(params), ...batch }, outputs, weights, ids };
}

test("GPT-2's loss and every gradient point where float32's do, at any batch and length in one program", async () => {
  const { inputs, outputs, weights, ids } = tracedGpt();
  await using exact = await openProgram(toOnnx(inputs, outputs));
  await using rounded = await openProgram(toOnnx(inputs, outputs, { precision: "int8" }));
  for (const [B, T] of [
    [4, 32],
    [1, 2],
    [3, 17],
  ] as const) {
    const values = { ...weights, ...ids(B, T) };
    const [want, got] = [await exact.run(values), await rounded.run(values)];
    for (const [name, { data }] of Object.entries(want)) {
      const other = got[name]!.data as Float32Array;
      if (name === "loss") expect(Math.abs(other[0]! / Number(data[0]) - 1)).toBeLessThan(1e-2);
      else if (largest(data as Float32Array) > 1e-6) expect(cosine(data as Float32Array, other)).toBeGreaterThan(0.98);
    }
  }
});

test("a step is the same bit for bit every time", async () => {
  const { inputs, outputs, weights, ids } = tracedGpt();
  await using program = await openProgram(toOnnx(inputs, outputs, { precision: "int8" }), { threads: 2 });
  const values = { ...weights, ...ids(4, 32) };
  const [one, two] = [await program.run(values), await program.run(values)];
  for (const [name, { data }] of Object.entries(one)) expect(bitsOf(data).equals(bitsOf(two[name]!.data))).toBe(true);
});

test("a number that is none shows in the gradients", async () => {
  const { inputs, outputs, weights, ids } = tracedGpt();
  await using program = await openProgram(toOnnx(inputs, outputs, { precision: "int8" }));
  const wte = weights["transformer.wte.weight"]!;
  const data = (wte.data as Float32Array).slice();
  data[0] = Number.NaN;
  const got = await program.run({ ...weights, "transformer.wte.weight": { ...wte, data } as Value, ...ids(2, 8) });
  const broken = Object.values(got).filter(({ data }) => !(data as Float32Array).every(Number.isFinite));
  expect(broken.length).toBeGreaterThan(0);
});

test("WebAssembly computes them too", async () => {
  const x = input(["rows", 256]);
  const W = parameter([256, 512]);
  const y = matmul(x, W);
  const dW = grad(sum(square(y)), [W])[0]!;
  const values = { x: f32([20, 256], normals([20, 256], 1)), W: f32([256, 512], normals([256, 512], 2)) };
  await using native = await compile({ x, W }, { y, dW }, { precision: "int8" });
  await using wasm = await compile({ x, W }, { y, dW }, { precision: "int8", device: "wasm" });
  const [want, got] = [await native(values), await wasm(values)];
  for (const name of ["y", "dW"] as const)
    expect(largest(want[name].data.map((v, i) => v - got[name].data[i]!))).toBeLessThan(
      1e-5 * largest(want[name].data),
    );
});

/** A plain LSTM: its input's product outside of the loop, the hidden state's in it. */
function lstm(H: number) {
  const xs = input(["time", "batch", H]);
  const [W, U, b] = [parameter([H, 4 * H]), parameter([4 * H, H]), parameter([4 * H])];
  const start = zeros(["batch", H]);
  const { ys } = scan(
    ([h, c], [x]) => {
      const [i, f, g, o] = chunk(add(add(matmul(x, W), b), matmul(h, transpose(U))), 4, 1);
      const c1 = add(mul(sigmoid(f!), c), mul(sigmoid(i!), tanh(g!)));
      const h1 = mul(sigmoid(o!), tanh(c1));
      return { carry: [h1, c1], ys: [h1] };
    },
    [start, start],
    [xs],
  );
  const loss = sum(square(ys[0]));
  const [dW, dU, db, dxs] = grad(loss, [W, U, b, xs]) as [Float, Float, Float, Float];
  return { inputs: { xs, W, U, b }, outputs: { loss, dW, dU, db, dxs } };
}

test("a weight used in a scan is rounded once, outside of its steps", () => {
  const { inputs, outputs } = lstm(192);
  const graph = graphOf(inputs, outputs);
  const bodies = bodiesOf(graph);
  expect(bodies).toHaveLength(2); // forwards and backwards
  for (const body of bodies)
    expect(counts(body, INT8!, FLOAT!, "FusedMatMul", RANGE!, QUANTIZE!)).toEqual([1, 0, 0, 1, 0]);
  expect(counts(graph, INT8!)).toEqual([1 + 1 + 4]); // x W, dx, dW and dU over all steps
  expect(counts(graph, QUANTIZE!)).toEqual([2 + 2]); // W and U; dY of all steps in two terms, which dW and dU share
});

test("the gradients of an LSTM point where float32's do", async () => {
  const H = 192;
  const { inputs, outputs } = lstm(H);
  const values = {
    xs: f32([6, 5, H], normals([6, 5, H], 1)),
    W: f32(
      [H, 4 * H],
      normals([H, 4 * H], 2).map((v) => 0.07 * v),
    ),
    U: f32(
      [4 * H, H],
      normals([4 * H, H], 3).map((v) => 0.07 * v),
    ),
    b: f32([4 * H], normals([4 * H], 4)),
  };
  const { want, got } = await both(inputs, outputs, values);
  for (const name of ["loss", "dW", "dU", "db", "dxs"] as const)
    expect(cosine(want[name], got[name])).toBeGreaterThan(0.998);
});
