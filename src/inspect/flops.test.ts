/** Operations and memory of small graphs, against counts by hand. */
import { expect, test } from "vitest";
import { dropout } from "../nn/index.ts";
import { add, conv2d, type Float, input, matmul, mul, reshape, scan, tanh, trace, zeros } from "../tensor/index.ts";
import { flops, liveBytes } from "./index.ts";

test("a matrix product takes two operations for each multiply-add", () => {
  expect(flops([matmul(input([2, 3, 5]), input([5, 7]))])).toBe(2 * 2 * 3 * 5 * 7);
});

test("a convolution takes two operations for each weight and place", () => {
  const y = conv2d(input([2, 4, 10, 10]), input([6, 2, 3, 3]), { groups: 2 });
  expect(flops([y])).toBe(2 * (2 * 6 * 8 * 8) * (2 * 3 * 3));
});

test("a recurrence takes its step's operations as often as it has steps, and its captures' once", () => {
  const [T, B, C] = [7, 2, 5];
  const xs = input([T, B, C]);
  const [W, U, V] = [input([C, C]), input([C, C]), input([C, C])];
  const { ys } = scan(
    ([h], [x]) => {
      const next = tanh(add(matmul(x as Float, matmul(U, V)), matmul(h, W)));
      return { carry: [next], ys: [next] };
    },
    [zeros([B, C])],
    [xs],
  );
  expect(flops([ys[0]])).toBe(2 * C * C * C + T * (2 * B * C * C + 2 * B * C * C));
});

test("a size that is not known is refused by name", () => {
  expect(() => flops([matmul(input(["batch", 3]), input([3, 4]))])).toThrow(
    'flops: the size "4*batch" is not known before the program runs',
  );
});

test("a value is alive until it is used for the last time, views take no memory, outputs are not counted", () => {
  const x = input([100]);
  const chain = (n: number): Float => (n === 0 ? x : mul(chain(n - 1), 2));
  expect(liveBytes([chain(5)])).toBe(2 * 400); // one read, one written; the last is the output
  expect(liveBytes([reshape(mul(x, 2), [10, 10])])).toBe(0);
  const kept = [mul(x, 2), mul(x, 3), mul(x, 4)];
  expect(liveBytes([kept.reduce((sum, y) => add(sum, y))])).toBe(3 * 400);
});

test("what dropout draws is not alive where it is left out", () => {
  const drop = dropout(0.5);
  const y = trace(() => mul(drop(mul(input([1000]), 2)), 3)).result;
  const actual = (x: Float): Float => (x.evaluation ? actual(x.evaluation as Float) : x);
  expect(liveBytes([y])).toBeGreaterThan(liveBytes([y], (x) => x.inputs.map((i) => actual(i as Float))));
});
