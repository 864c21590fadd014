import { expect, test } from "vitest";
import { type Float, input, tap, trace } from "../tensor/index.ts";
import { gate } from "./gate.ts";
import { layer } from "./layer.ts";

const head = layer({}, (_, x: Float) =>
  tap("out", gate("heads", x, [3, 1]), { axes: ["head", "time"], domain: "signed" }),
);
const model = layer({ h: [head, layer({}, (_, x: Float) => head(x))] }, ({ h }, x: Float) => h[1]!(h[0]!(x)));
const x = input([3, 5]);

test("gates are in the graph only where a trace asks for them", () => {
  const { result, gates } = trace(() => model(x));
  expect(result).toBe(x);
  expect(gates).toEqual([]);
});

test("a place that is called twice has one gate, under its path", () => {
  const { gates } = trace(() => model(x), { gates: true });
  expect(gates.map(({ path, shape }) => [path, shape])).toEqual([["h.0.heads", [3, 1]]]);
});

test("a tap says where it stands and what it means, once for each call", () => {
  const { taps } = trace(() => model(x));
  expect(taps.map(({ path, name, axes, domain }) => [path, name, axes, domain])).toEqual([
    ["h.0.out", "out", ["head", "time"], "signed"],
    ["h.0.out", "out", ["head", "time"], "signed"],
  ]);
});

test("outside a trace, taps and gates are not there at all", () => {
  expect(gate("heads", x, [3, 1])).toBe(x);
  expect(tap("out", x)).toBe(x);
});
