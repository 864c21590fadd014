import { expect, test } from "vitest";
import * as nn from "../nn/index.ts";
import { compile } from "../runtime/compile.ts";
import { add, type Float, input, matmul, softmax, squeeze, unsqueeze } from "../tensor/index.ts";
import { luongDecoder, teacherForced } from "./index.ts";

const [B, S, T, E, H] = [2, 3, 4, 5, 6];
const sizes = { cell: nn.gruCell, embedding: E, hidden: H, layers: 1, dropout: 0 };

/** sᵀ h, written by hand. */
const own: nn.ReadSource = (state, source, mask) => {
  const products = squeeze(matmul(source, unsqueeze(state, -1)), -1); // [B, S]
  const scores = mask ? add(products, mask) : products;
  const weights = softmax(scores);
  return { weights, context: squeeze(matmul(unsqueeze(weights, 1), source), 1) };
};
test("an attention of one's own is passed to a decoder as the library's are", async () => {
  const [theirs, ours] = [nn.dotAttention({ state: H, source: H }), own].map((attention) =>
    luongDecoder(sizes, attention),
  );
  const params = Object.fromEntries(nn.namedParams(theirs!));
  const ones = Object.fromEntries(nn.namedParams(ours!));
  expect(Object.keys(ones)).toEqual(Object.keys(params));
  const [targets, states, start] = [input([T, B, E]), input([B, S, H]), [input([B, H]), input([B, H])]];
  const source = { states, context: start[1]!, mask: undefined };
  const run = (step: typeof theirs) => teacherForced(step!, targets, start, source);
  await using program = await compile(
    { params, ones, targets, states, start },
    { theirs: run(theirs).output, ours: run(ours).output },
  );
  const drawn = (x: Float, at: number) => {
    const dims = x.shape as number[];
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(7 * i + at));
    return { dtype: "float32", dims, data } as const;
  };
  const weights = Object.fromEntries(Object.entries(params).map(([name, x], i) => [name, drawn(x, i)]));
  const got = await program({
    ...{ params: weights, ones: weights, targets: drawn(targets, 1), states: drawn(states, 2) },
    start: start.map(drawn),
  } as never);
  expect(got.ours.data).toEqual(got.theirs.data);
  expect(new Set(got.ours.data).size).toBeGreaterThan(T * B);
});
