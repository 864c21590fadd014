/** Layers give PyTorch's numbers and gradients, under PyTorch's names; golden/make.py made them. */
import { expect, test } from "vitest";
import { compile } from "../runtime/compile.ts";
import { type DType, toData } from "../tensor/dtype.ts";
import { type Float, grad, type Ids, input, mul, sum, type Tensor, type Value } from "../tensor/index.ts";
import golden from "./golden/nn.json" with { type: "json" };
import * as nn from "./index.ts";

type Stored = readonly [shape: readonly number[], numbers: readonly number[]];
interface Case {
  readonly name: string;
  readonly weights: Readonly<Record<string, Stored>>;
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly y: Stored;
  readonly c: Stored;
  readonly grads: Readonly<Record<string, Stored>>;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly activation?: nn.ActivationName;
}
const cases = golden.cases as unknown as readonly Case[];

interface Inputs {
  readonly x: Float;
  readonly ids: Ids;
  readonly source: Float;
  readonly attention_mask: Ids;
}
/** A layer, and how it is called. */
type Called = readonly [layer: object, call: (inputs: Inputs) => Float];
const onX = <L extends (x: Float) => Float>(layer: L): Called => [layer, ({ x }) => layer(x)];

const layers: Record<string, (c: Case) => Called> = {
  linear: ({ weights }) => onX(nn.linear(5, 4, { bias: "bias" in weights })),
  conv1d: () => onX(nn.conv1d(5, 4)),
  layerNorm: () => onX(nn.layerNorm(6, { eps: 0.1 })),
  rmsNorm: () => onX(nn.rmsNorm(6, { eps: 0.1 })),
  embedding: () => {
    const table = nn.embedding(7, 3);
    return [table, ({ ids }) => table(ids)];
  },
  feedForward: () => onX(nn.feedForward(4, 6, nn.activations.gelu)),
  learnedPositions: () => onX(nn.learnedPositions(6, 4)),
  multiHeadAttention: ({ name, heads, kvHeads }) => {
    const attention = nn.multiHeadAttention(12, { heads: heads!, kvHeads: kvHeads! });
    return [
      attention,
      ({ x, source, attention_mask }) => {
        if (attention_mask) return attention(x, nn.paddingMask(attention_mask), source ?? x);
        return attention(x, /causal|grouped/.test(name) ? nn.causalMask(x.shape[1]!) : undefined);
      },
    ];
  },
  lora: ({ name }) =>
    name === "lora"
      ? onX(nn.lora(nn.linear(5, 4), { rank: 2, alpha: 3 }))
      : onX(nn.lora(nn.conv1d(5, 4), { rank: 2, alpha: 3 })),
  activation: ({ activation }) => onX(nn.layer({}, (_, x: Float) => nn.activations[activation!](x))),
};
const stored = ([dims, numbers]: Stored, dtype: DType = "float32") =>
  ({ dtype, dims, data: toData(dtype, numbers) }) as Value;
const typeOf = (name: string): "int64" | "float32" => (/ids|mask/.test(name) ? "int64" : "float32");
const mapped = <T, U>(record: Readonly<Record<string, T>>, f: (x: T, name: string) => U) =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [name, f(x, name)]));

test.each(cases.map((c) => [c.name, c] as const))("%s: result and gradients", async (_, c) => {
  const [layer, call] = layers[c.name.split(",")[0]!]!(c);
  const params = nn.namedParams(layer);
  expect(mapped(Object.fromEntries(params), ({ shape }) => shape)).toEqual(mapped(c.weights, ([shape]) => shape));

  const inputs: Record<string, Tensor> = mapped(c.inputs, ([shape], name) => input(shape, typeOf(name)));
  const y = call(inputs as unknown as Inputs);
  const of = input(c.y[0]);
  const wrt = mapped(c.grads, (_, name) => (params.get(name) ?? inputs[name]) as Float);
  const gradients = grad(sum(mul(y, of)), Object.values(wrt));
  const grads = Object.fromEntries(Object.keys(wrt).map((name, i) => [name, gradients[i]!]));
  await using program = await compile({ params: Object.fromEntries(params), inputs, c: of }, { y, grads });
  const got = await program({
    params: mapped(c.weights, (w) => stored(w)),
    inputs: mapped(c.inputs, (x, name) => stored(x, typeOf(name))),
    c: stored(c.c),
  } as Parameters<typeof program>[0]);

  const far = ({ data }: Value, [, want]: Stored) =>
    Math.max(...want.map((x, i) => Math.abs(Number(data[i]) - x))) / Math.max(1, ...want.map(Math.abs));
  expect(far(got.y, c.y)).toBeLessThan(1e-5);
  for (const [name, want] of Object.entries(c.grads)) expect(far(got.grads[name]!, want), name).toBeLessThan(1e-5);
});
