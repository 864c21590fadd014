import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../runtime/compile.ts";
import { count, toData } from "../../tensor/dtype.ts";
import { type Float, grad, input, mul, sum, type Value } from "../../tensor/index.ts";
import { greater } from "../../tensor/ops/index.ts";
import { namedParams } from "../layer.ts";
import golden from "./golden/recurrent.json" with { type: "json" };
import { additive } from "./mask.ts";
import {
  additiveAttention,
  concatAttention,
  dotAttention,
  generalAttention,
  localAttention,
  type ReadSource,
  scaledDotAttention,
} from "./recurrent.ts";

type Stored = readonly [shape: readonly number[], numbers: readonly number[]];
interface Case {
  readonly name: keyof typeof attentions;
  readonly window: number;
  readonly lengths: readonly number[];
  readonly params: Readonly<Record<string, Stored>>;
  readonly state: Stored;
  readonly source: Stored;
  readonly c: Stored;
  readonly weights: Stored;
  readonly context: Stored;
  readonly grads: Readonly<Record<string, Stored>>;
}
const attentions = {
  additive: additiveAttention,
  dot: dotAttention,
  scaledDot: scaledDotAttention,
  general: generalAttention,
  concat: concatAttention,
  local: localAttention,
} satisfies Record<string, (sizes: { state: number; source: number; window?: number }) => ReadSource>;
const cases = golden.cases as unknown as readonly Case[];

const stored = ([dims, numbers]: Stored): Value<"float32"> => ({
  dtype: "float32",
  dims,
  data: toData("float32", numbers) as Float32Array,
});
const masks = (lengths: readonly number[], S: number): Value<"int64"> => ({
  dtype: "int64",
  dims: [lengths.length, S],
  data: BigInt64Array.from(lengths.flatMap((n) => Array.from({ length: S }, (_, i) => BigInt(Number(i < n))))),
});
const mapped = <T, U>(record: Readonly<Record<string, T>>, f: (x: T, name: string) => U) =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [name, f(x, name)]));
const far = ({ data }: Value, [, want]: Stored) =>
  Math.max(...want.map((x, i) => Math.abs(Number(data[i]) - x))) / Math.max(1, ...want.map(Math.abs));

/** The attention of a case as a program: what it reads, and the gradients of Σ c ⊙ context. */
function programOf(c: Case) {
  const [[B, S], M] = [[3, 7], c.source[0][2]!];
  const attend = attentions[c.name]({ state: 4, source: M, window: c.window });
  const params = namedParams(attend);
  const [state, source, of] = [input(["batch", 4]), input(["batch", "time", M]), input(["batch", M])];
  const attention_mask = input(["batch", "time"], "int64");
  const { weights, context } = (attend as ReadSource)(state, source, additive(greater(attention_mask, 0)));
  const wrt = mapped(c.grads, (_, name) => (params.get(name) ?? { state, source }[name]) as Float);
  const gradients = grad(sum(mul(context, of)), Object.values(wrt));
  const grads = Object.fromEntries(Object.keys(wrt).map((name, i) => [name, gradients[i]!]));
  const inputs = { params: Object.fromEntries(params), state, source, of, attention_mask };
  return { B: B!, S: S!, M, params, program: compile(inputs, { weights, context, grads }, { threads: 1 }) };
}

test.each(cases.map((c) => [c.name, c] as const))("%s: weights, context and gradients are PyTorch's", async (_, c) => {
  const { params, program, S } = programOf(c);
  expect(mapped(Object.fromEntries(params), ({ shape }) => shape)).toEqual(mapped(c.params, ([shape]) => shape));
  await using run = await program;
  const got = await run({
    params: mapped(c.params, stored),
    state: stored(c.state),
    source: stored(c.source),
    of: stored(c.c),
    attention_mask: masks(c.lengths, S),
  });
  expect(far(got.weights, c.weights)).toBeLessThan(1e-6);
  expect(far(got.context, c.context)).toBeLessThan(1e-5);
  for (const [name, want] of Object.entries(c.grads)) expect(far(got.grads[name]!, want), name).toBeLessThan(1e-5);
});

test.each(cases.map((c) => [c.name, c] as const))(
  "%s: a padded position weighs exactly 0, whatever stands there",
  async (_, c) => {
    const { program, B, S, M } = programOf(c);
    await using run = await program;
    const lengths = fc.array(fc.integer({ min: 1, max: S }), { minLength: B, maxLength: B });
    await fc.assert(
      fc.asyncProperty(lengths, fc.double({ min: -50, max: 50, noNaN: true }), async (lengths, padding) => {
        const source = stored(c.source);
        const given = { params: mapped(c.params, stored), state: stored(c.state), of: stored(c.c) };
        const read = (fill: (at: number, x: number) => number) => {
          const data = source.data.map((x, i) =>
            Math.floor(i / M) % S < lengths[Math.floor(i / (S * M))]! ? x : fill(i, x),
          );
          return run({ ...given, source: { ...source, data }, attention_mask: masks(lengths, S) });
        };
        const [one, other] = [await read(() => padding), await read((_, x) => x)];
        expect(one).toEqual({ ...other, grads: one.grads });
        for (const [b, n] of lengths.entries()) {
          const row = [...one.weights.data.subarray(b * S, (b + 1) * S)] as number[];
          expect(row.slice(n).every((w) => w === 0)).toBe(true);
          const total = row.reduce((a, w) => a + w, 0);
          if (c.name === "local") expect(total).toBeLessThanOrEqual(1 + 1e-6);
          else expect(total).toBeCloseTo(1, 5);
        }
      }),
      { numRuns: 10 },
    );
  },
);

test("local-p reads nothing outside its window", () => {
  const local = cases.find(({ name }) => name === "local")!;
  const [[B, S], weights] = local.weights;
  for (let b = 0; b < B!; b++) {
    const places = Array.from({ length: S! }, (_, i) => i).filter((i) => weights[b * S! + i]! > 0);
    expect(places.length).toBeLessThanOrEqual(2 * local.window + 1);
  }
  expect(count(local.weights[0])).toBe(weights.length);
});

test("a product of different sizes is told with both", () => {
  const [state, source, mask] = [input([2, 4]), input([2, 3, 6]), input([2, 3])];
  expect(() => dotAttention({ state: 4, source: 6 })(state, source, mask)).toThrow(
    'dotAttention: a state of 4 and source states of 6 have no product: 4 ≠ 6; "general" has one',
  );
  expect(() => scaledDotAttention({ state: 4, source: 6 })(state, source, mask)).toThrow(
    "scaledDotAttention: a state of 4",
  );
});
