import { expect, test } from "vitest";
import { f64, normals } from "../../../test/gradient-check.ts";
import { compile } from "../../runtime/compile.ts";
import { grad, topologicalOrder } from "../grad.ts";
import { type Float, input, int64 } from "../tensor.ts";
import { add, cast, crossEntropy, div, logSoftmax, mul, neg, oneHot, sum } from "./index.ts";

test("a cross-entropy's gradient is softmax less one-hot, and makes no other row of classes", async () => {
  const logits = input([5, 7], "float64") as Float;
  const labels = int64([3, 0, 6, 6, 2]);
  const [fast] = grad(crossEntropy(logits, labels), [logits]) as [Float];
  const hot = cast(oneHot(labels, 7), "float64");
  const [plain] = grad(div(neg(sum(mul(logSoftmax(logits), hot))), 5), [logits]) as [Float];
  const wide = topologicalOrder([fast]).filter(({ shape }) => String(shape) === "5,7");
  expect(wide.map(({ op }) => op)).toEqual(["input", "LogSoftmax", "Exp", "Mul", "ScatterElements"]);
  await using program = await compile({ logits }, { fast, plain });
  const { fast: a, plain: b } = await program({ logits: f64([5, 7], normals([5, 7], 3)) });
  for (const [i, x] of a.data.entries()) expect(x).toBeCloseTo(Number(b.data[i]), 12);
});

test("an entry that is picked twice, and one beside a sum over classes, are added up", async () => {
  const logits = input([3, 4], "float64") as Float;
  const labels = int64([1, 1, 0]);
  const smooth = crossEntropy(logits, labels, { labelSmoothing: 0.1 });
  const loss = add(smooth, crossEntropy(logits, labels));
  const hot = cast(oneHot(labels, 4), "float64");
  const target = add(mul(1.9, hot), 0.1 / 4);
  const plain = div(neg(sum(mul(logSoftmax(logits), target))), 3);
  await using program = await compile({ logits }, { a: grad(loss, [logits])[0]!, b: grad(plain, [logits])[0]! });
  const { a, b } = await program({ logits: f64([3, 4], normals([3, 4], 5)) });
  for (const [i, x] of a.data.entries()) expect(x).toBeCloseTo(Number(b.data[i]), 12);
});
