import { describe, expect, expectTypeOf, test } from "vitest";
import { add, type Float, input, matmul, transpose } from "../tensor/index.ts";
import { constant as fixed } from "../tensor/tensor.ts";
import { constant } from "./init.ts";
import { countParams, layer, namedParams, type Param, param } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";

const names = (model: object) => [...namedParams(model).keys()];

describe("paths belong to a call, not to a layer", () => {
  test("one layer in two models has its place in each", () => {
    const shared = linear(3, 3);
    const one = layer({ encoder: { dense: shared } }, ({ encoder }, x: Float) => encoder.dense(x));
    const two = layer({ head: shared, tail: linear(3, 3) }, ({ head, tail }, x: Float) => tail(head(x)));
    expect(names(one)).toEqual(["encoder.dense.weight", "encoder.dense.bias"]);
    expect(names(two)).toEqual(["head.weight", "head.bias", "tail.weight", "tail.bias"]);
    expect(one(input([2, 3])).scope).toBe("encoder.dense");
    expect(two(input([2, 3])).scope).toBe("tail");
    expect(() => one(input([2, 4]))).toThrow("(in encoder.dense)");
    expect(() => two(input([2, 4]))).toThrow("(in head)");
  });

  test("a layer used twice in one model has its parameters once, under its first place", () => {
    const block = linear(3, 3);
    const albert = layer({ layers: [block, block] }, ({ layers }, x: Float) => layers.reduce((x, f) => f(x), x));
    expect(names(albert)).toEqual(["layers.0.weight", "layers.0.bias"]);
    expect(countParams(albert)).toBe(12);
    expect(albert(input([2, 3])).scope).toBe("layers.0");
  });

  test("a layer that is in no tree works where it is called", () => {
    const stray = linear(3, 5);
    const model = layer({ block: layer({}, (_, x: Float) => stray(x)) }, ({ block }, x: Float) => block(x));
    expect(model(input([2, 3])).scope).toBe("block");
    expect(names(model)).toEqual([]);
    expect(() => model(input([2, 4]))).toThrow("(in block)");
  });

  test("an error half-way leaves no path behind", () => {
    const model = layer({ part: linear(3, 3) }, ({ part }, x: Float) => part(x));
    expect(() => model(input([2, 4]))).toThrow("(in part)");
    expect(() => matmul(input([2, 3]), input([2, 3]))).toThrow(/2$/);
  });
});

describe("the tree", () => {
  test("tied parameters are there once, under the first name", () => {
    const wte = { weight: param([7, 3], constant(0)) };
    const head = linear(3, 7, { bias: false });
    head.weight = wte.weight;
    const model = layer({ wte, head }, ({ head }, x: Float) => head(x));
    expect(names(model)).toEqual(["wte.weight"]);
    expect(countParams(model)).toBe(21);
  });

  test("parts may be called length and name", () => {
    const parts = { length: param([2], constant(0)), name: param([3], constant(0)) };
    const odd = layer(parts, ({ length, name }) => [length.shape, name.shape]);
    expect(names(odd)).toEqual(["length", "name"]);
    expect(odd()).toEqual([[2], [3]]);
  });

  test("a part may be replaced, and the next call goes through the new one", () => {
    const model = layer({ h: [{ up: linear(3, 4) }, { up: linear(4, 4) }] }, ({ h }, x: Float) =>
      h.reduce((x, { up }) => up(x), x),
    );
    model.h[1]!.up = linear(4, 6, { bias: false });
    expect(names(model)).toEqual(["h.0.up.weight", "h.0.up.bias", "h.1.up.weight"]);
    expect(model(input([2, 3])).shape).toEqual([2, 6]);
    model.h.push({ up: linear(6, 1) });
    expect(model(input([2, 3])).shape).toEqual([2, 1]);
  });

  test("fixed numbers are no parameters", () => {
    const table = fixed("float32", [3], Float32Array.of(1, 2, 3));
    const model = layer({ table, scale: param([3], constant(1)) }, ({ table, scale }) => add(table, scale));
    expect(names(model)).toEqual(["scale"]);
  });

  test("names follow the order of the parts, not of the calls", () => {
    const model = layer({ b: linear(2, 2), a: linear(2, 2) }, ({ a, b }, x: Float) => b(a(x)));
    expect(names(model)).toEqual(["b.weight", "b.bias", "a.weight", "a.bias"]);
  });
});

test("parts and arguments are inferred", () => {
  const model = layer(
    { up: linear(2, 3), scale: param([3], constant(1)) },
    ({ up, scale }, x: Float, twice?: boolean) => add(twice ? add(up(x), up(x)) : up(x), scale),
  );
  expectTypeOf(model).parameters.toEqualTypeOf<[x: Float, twice?: boolean | undefined]>();
  expectTypeOf(model).returns.toEqualTypeOf<Float>();
  expectTypeOf(model.up).toEqualTypeOf<Linear>();
  expectTypeOf(model.up.weight).toEqualTypeOf<Param>();
  expectTypeOf(model.scale.shape).toEqualTypeOf<readonly number[]>();
  // @ts-expect-error: there is no such part
  expect(model.down).toBeUndefined();
  // @ts-expect-error: x is a tensor of fractions
  expect(() => model(input([2], "int64"))).toThrow();
  expect(transpose(model.up.weight).shape).toEqual([2, 3]);
});
