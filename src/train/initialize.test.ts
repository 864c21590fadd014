import { expect, test } from "vitest";
import { constant, normal } from "../nn/init.ts";
import { createState } from "../runtime/state.ts";
import { initialize } from "./initialize.ts";

const stateOf = (...names: string[]) =>
  createState(names.map((name) => ({ name, dims: [3, 4], arrays: ["weight", "m"] })));

test("a parameter's first numbers depend on its name and the seed, not on the rest of the model", () => {
  using small = stateOf("b");
  using large = stateOf("a", "b");
  initialize(small, { b: normal(1) }, 7);
  initialize(large, { a: normal(1), b: normal(1) }, 7);
  const [a, b] = [large.array("weight").get("a")!.data, large.array("weight").get("b")!.data];
  expect([...small.array("weight").get("b")!.data]).toEqual([...b]);
  expect([...a]).not.toEqual([...b]);
  initialize(small, { b: normal(1) }, 8);
  expect([...small.array("weight").get("b")!.data]).not.toEqual([...b]);
});

test("what is not named stays as it is", () => {
  using state = stateOf("a", "b");
  initialize(state, { a: constant(2) }, 0);
  expect([...state.array("weight").get("a")!.data]).toEqual(Array(12).fill(2));
  expect([...state.array("weight").get("b")!.data]).toEqual(Array(12).fill(0));
  expect([...state.array("m").get("a")!.data]).toEqual(Array(12).fill(0));
});

test("a name that the state does not have is refused", () => {
  using state = stateOf("a", "b");
  expect(() => initialize(state, { c: constant(1) }, 0)).toThrow("initialize: there is no parameter c; there are a, b");
});
