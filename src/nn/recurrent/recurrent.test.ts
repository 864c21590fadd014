/** Recurrent layers give PyTorch's numbers and gradients, under PyTorch's names; golden/make.py made them. */
import { describe, expect, test } from "vitest";
import { compile } from "../../runtime/compile.ts";
import {
  add,
  concat,
  type Float,
  grad,
  input,
  mul,
  scan,
  slice,
  sum,
  trace,
  unsqueeze,
  type Value,
} from "../../tensor/index.ts";
import * as nn from "../index.ts";
import golden from "./golden/recurrent.json" with { type: "json" };
import { featuresFirst, type Layout, rowsFirst } from "./layout.ts";

type Stored = readonly [shape: readonly number[], numbers: readonly number[]];
interface Options {
  readonly num_layers?: number;
  readonly bidirectional?: boolean;
  readonly nonlinearity?: "relu";
}
interface Sequence {
  readonly name: string;
  readonly kind: "rnn" | "lstm" | "gru";
  readonly options: Options;
  readonly lengths?: readonly number[];
  readonly weights: Readonly<Record<string, Stored>>;
  readonly gradients: Readonly<Record<string, Stored>>;
  readonly x: Stored;
  readonly dx: Stored;
  readonly y: Stored;
  readonly dy: Stored;
  readonly start: readonly Stored[];
  readonly end: readonly Stored[];
  readonly dstart: readonly Stored[];
  readonly dend: readonly Stored[];
}
const sequences = golden.sequences as unknown as readonly Sequence[];

const [E, H, T, B] = [2, 3, 5, 3];
const value = ([dims, data]: Stored): Value<"float32"> => ({ dtype: "float32", dims, data: Float32Array.from(data) });
const values = (all: Readonly<Record<string, Stored>>) =>
  Object.fromEntries(Object.entries(all).map(([name, x]) => [name, value(x)]));

/** The largest difference, as a share of the largest number. */
function distance(got: Value, [dims, want]: Stored): number {
  expect(got.dims).toEqual(dims);
  const largest = Math.max(...want.map(Math.abs));
  return Math.max(...want.map((x, i) => Math.abs(Number(got.data[i]) - x))) / largest;
}

const layerOf = (
  kind: Sequence["kind"],
  { num_layers, bidirectional, nonlinearity }: Options,
  layout: Layout,
): nn.Recurrent => {
  const options = { layout, ...(num_layers && { layers: num_layers }), ...(bidirectional && { bidirectional }) };
  if (kind === "rnn") return nn.rnn(E, H, { ...options, ...(nonlinearity && { nonlinearity }) });
  return kind === "lstm" ? nn.lstm(E, H, options) : nn.gru(E, H, options);
};

describe.each(sequences)("torch.nn's $kind, $name", (one) => {
  test.each([
    ["numbers", "rows", rowsFirst],
    ["names", "rows", rowsFirst],
    ["names", "features", featuresFirst],
  ] as const)("gives its results and every gradient, with sizes that are %s and %s first", async (sizes, _, layout) => {
    const [time, batch] = sizes === "names" ? ["time", "batch"] : [T, B];
    const layer = layerOf(one.kind, one.options, layout);
    const params = Object.fromEntries(nn.namedParams(layer));
    expect(Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, shape]))).toEqual(
      Object.fromEntries(Object.entries(one.weights).map(([name, [shape]]) => [name, shape])),
    );
    const count = one.start[0]![0][0]!;
    const x = input([time, batch, E]);
    const mask = input([time, batch]);
    const start = one.start.map(() => input([count, batch, H]));
    const row = (z: Float, i: number) => sum(slice(z, 0, i, i + 1), [0]);
    const state = Array.from({ length: count }, (_, i) => start.map((s) => row(s, i)));
    const result = layer(x, { state, ...(one.lengths && { mask }) });
    const end = one.start.map((_, which) =>
      concat(
        result.state.map((s) => unsqueeze(s[which]!, 0)),
        0,
      ),
    );
    const [dy, dend] = [input(result.y.shape), end.map((s) => input(s.shape))];
    const loss = end.reduce((total, s, i) => add(total, sum(mul(s, dend[i]!))), sum(mul(result.y, dy)));
    const wrt = { ...params, x, ...Object.fromEntries(start.map((s, i) => [`start.${i}`, s])) };
    const gradients = grad(loss, Object.values(wrt));
    await using program = await compile(
      { params, x, start, dy, dend, ...(one.lengths && { mask }) },
      { y: result.y, end, gradients },
    );
    const ones = Array.from({ length: T }, (_, t) => (one.lengths ?? []).map((length) => Number(t < length))).flat();
    const got = await program({
      params: values(one.weights),
      x: value(one.x),
      start: one.start.map(value),
      dy: value(one.dy),
      dend: one.dend.map(value),
      ...(one.lengths && { mask: value([[T, B], ones]) }),
    } as never);
    expect(distance(got.y, one.y)).toBeLessThan(1e-6);
    for (const [i, s] of one.end.entries()) expect(distance(got.end[i]!, s)).toBeLessThan(1e-6);
    const want = [...Object.values(one.gradients), one.dx, ...one.dstart];
    expect(Object.keys(one.gradients)).toEqual(Object.keys(params));
    for (const [i, g] of want.entries()) expect(distance(got.gradients[i]!, g)).toBeLessThan(5e-6);
  });
});

test.each(cellsOf())("torch.nn's cell of kind $kind gives the same step", async ({ kind, options, ...one }) => {
  const cell = kind === "rnn" ? nn.rnnCell(E, H, options) : kind === "lstm" ? nn.lstmCell(E, H) : nn.gruCell(E, H);
  const params = Object.fromEntries(nn.namedParams(cell));
  expect(Object.keys(params)).toEqual(Object.keys(one.weights));
  const x = input(["batch", E]);
  const start = one.start.map(() => input(["batch", H]));
  await using program = await compile({ params, x, start }, { end: cell(x, start) });
  const got = await program({ params: values(one.weights), x: value(one.x), start: one.start.map(value) } as never);
  for (const [i, s] of one.end.entries()) expect(distance(got.end[i]!, s)).toBeLessThan(1e-6);
});

function cellsOf() {
  return golden.cells as unknown as readonly (Pick<Sequence, "kind" | "weights" | "x" | "start" | "end"> & {
    readonly options: { readonly nonlinearity?: "relu" };
  })[];
}

test("an LSTM's gates begin with the biases that were asked for, both vectors together", () => {
  const { bias_ih, bias_hh } = nn.lstmCell(E, H, { forgetBias: 3, inputBias: -3 });
  const [ih, hh] = [bias_ih, bias_hh].map(({ init, shape }) => {
    const numbers = new Float32Array(shape[0]!);
    nn.fillInitial(numbers, init, 1);
    return numbers;
  });
  const sum = Array.from(ih!, (x, i) => x + hh![i]!);
  expect(sum.slice(0, 2 * H)).toEqual([-3, -3, -3, 3, 3, 3]);
  expect(sum.slice(2 * H).every((x) => x !== 0)).toBe(true);
});

test("states for other layers than there are, are refused", () => {
  expect(() => nn.gru(E, H, { layers: 2 })(input(["T", "B", E]), { state: [[input(["B", H])]] })).toThrow(
    "recurrent: 1 first states for 2 layers and directions",
  );
});

test("a loop made of a cell is the layer, gates tapped at every step", () => {
  const cell = nn.lstmCell(E, H);
  const { taps } = trace(() =>
    scan(
      (state, [x]) => {
        const next = cell(x, state);
        return { carry: next, ys: [next[0]!] };
      },
      nn.startOf(cell, "B"),
      [input(["T", "B", E])],
    ),
  );
  expect(taps.map(({ name, value, axes }) => [name, value.shape, axes])).toContainEqual([
    ...["forget_gate", ["T", "B", H], ["time", "batch", "unit"]],
  ]);
});
