import fc from "fast-check";
import { expect, test } from "vitest";
import { f64, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import {
  add,
  chunk,
  concat,
  type Float,
  gather,
  grad,
  type Ids,
  input,
  layerNormalize,
  matmul,
  mul,
  reshape,
  scan,
  sigmoid,
  softmax,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
  unstack,
  type Value,
  zerosLike,
} from "./index.ts";

const [T, B, H] = [3, 2, 3];

/** What a step may use: carries h and k, slices x, z and ids, captured W and b. */
interface Step {
  readonly h: Float; // [B, H]
  readonly k: Float;
  readonly x: Float;
  readonly z: Float;
  readonly ids: Ids; // [B]
  readonly W: Float; // [H, H]
  readonly b: Float; // [H]
}
/** A part of a step, [B, H], and how it is written. */
interface Part {
  readonly text: string;
  readonly of: (step: Step) => Float;
}
const part = (text: string, of: Part["of"]): Part => ({ text, of, [fc.toStringMethod]: () => text }) as Part;

const parts = fc.letrec<{ any: Part }>((tie) => {
  const one = (text: string, f: (a: Float, step: Step) => Float) =>
    tie("any").map((a) => part(text.replace("a", a.text), (step) => f(a.of(step), step)));
  const two = (text: string, f: (a: Float, b: Float) => Float) =>
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => {
      const written = text.replace(/[ab]\b/g, (name) => (name === "a" ? a : b).text);
      return part(written, (step) => f(a.of(step), b.of(step)));
    });
  return {
    any: fc.oneof(
      { maxDepth: 3, depthSize: "medium" },
      fc.constantFrom(
        part("h", ({ h }) => h),
        part("k", ({ k }) => k),
        part("x", ({ x }) => x),
        part("z", ({ z }) => z),
        part("W[ids]", ({ W, ids }) => gather(W, ids)),
      ),
      two("(a + b)", add),
      two("(a - b)", sub),
      two("(a * b)", mul),
      two("(bT aT b)T", (a, b) => transpose(matmul(transpose(b), matmul(a, transpose(b))))),
      two("halves(a, b)", (a, b) => {
        const [p, q] = chunk(concat([a, b, a], 0), 3, 0);
        return mul(tanh(p), q);
      }),
      one("tanh a", tanh),
      one("sigmoid a", sigmoid),
      one("softmax a", (a) => softmax(a)),
      one("(a W)", (a, { W }) => matmul(a, W)),
      one("(a tanh W)", (a, { W }) => matmul(a, tanh(W))),
      one("(W aT)T", (a, { W }) => transpose(matmul(W, transpose(a)))),
      one("(a + bias)", (a, { b }) => add(a, b)),
      one("normalize a", (a, { b }) => layerNormalize(a, b, tanh(b), 0.1)),
      one("a times its sum", (a) => mul(a, sum(a, [1], { keepDims: true }))),
      one("flat a", (a) => reshape(tanh(reshape(a, [B * H])), [B, H])),
      one("inner scan of a", (a, { b }) => {
        const { ys } = scan(
          ([s], [row]) => {
            const next = tanh(add(mul(s, row), b));
            return { carry: [next], ys: [next] };
          },
          [unstack(a)[0]!],
          [a],
        );
        return ys[0];
      }),
    ),
  };
}).any;

/** Results, gradients, and gradients of those, in float64. */
function derivatives(results: readonly Float[], wrt: readonly Float[], cotangents: readonly Float[]): Float[] {
  const total = (xs: readonly Float[]) => xs.map((x) => sum(x)).reduce((a, b) => add(a, b));
  const unused = { ifUnused: zerosLike };
  const first = grad(total(results.map((r, i) => mul(r, cotangents[i]!))), wrt, unused);
  const second = grad(total(first.map((g) => mul(g, g))), wrt, unused);
  return [...results, ...first, ...second];
}

async function check(nextH: Part, nextK: Part, result: Part, reverse: boolean): Promise<void> {
  const double = (...shape: number[]): Float => input(shape, "float64");
  const given = {
    h: double(B, H),
    k: double(B, H),
    xs: double(T, B, H),
    zs: double(T, B, H),
    W: double(H, H),
    b: double(H),
  };
  const ids = input([T, B], "int64");
  const { W, b } = given;
  const step = (h: Float, k: Float, x: Float, z: Float, ids: Ids) => {
    const all = { h, k, x, z, ids, W, b };
    return { carry: [tanh(nextH.of(all)), tanh(nextK.of(all))], ys: [result.of(all)] } as const;
  };

  const { carry, ys } = scan(
    ([h, k], [x, z, i]) => step(h, k, x, z, i),
    [given.h, given.k],
    [given.xs, given.zs, ids],
    { reverse },
  );

  let [h, k] = [given.h, given.k];
  const [xs, zs, rows] = [unstack(given.xs), unstack(given.zs), unstack(ids)];
  const written: Float[] = [];
  for (const t of reverse ? [2, 1, 0] : [0, 1, 2]) {
    const made = step(h, k, xs[t]!, zs[t]!, rows[t]!);
    [h, k] = made.carry;
    written[t] = unsqueeze(made.ys[0], 0);
  }

  const wrt = Object.values(given);
  const cotangents = [double(B, H), double(B, H), double(T, B, H)];
  await using program = await compile(
    { given, ids, cotangents },
    {
      scanned: derivatives([...carry, ys[0]], wrt, cotangents),
      unrolled: derivatives([h, k, concat(written, 0)], wrt, cotangents),
    },
  );
  const value = ({ shape }: Float, key: number) => {
    const dims = shape as number[];
    return f64(
      dims,
      normals(dims, key).map((v) => v / 2),
    );
  };
  const { scanned, unrolled } = await program({
    given: Object.fromEntries(Object.entries(given).map(([name, x], i) => [name, value(x, i)])),
    ids: { dtype: "int64", dims: [T, B], data: BigInt64Array.of(0n, 2n, 1n, 1n, 2n, 2n) },
    cotangents: cotangents.map((c, i) => value(c, 10 + i)),
  } as never);
  const names = [...["h", "k", "y"], ...["d", "dd"].flatMap((d) => Object.keys(given).map((name) => `${d}${name}`))];
  for (const [i, got] of (scanned as Value[]).entries()) {
    const want = (unrolled as Value[])[i]!;
    expect(got.dims).toEqual(want.dims);
    const far = Array.from(want.data, Number).findIndex(
      (v, j) => !(Math.abs(Number(got.data[j]) - v) <= 1e-8 * Math.max(1, Math.abs(v))),
    );
    if (far >= 0) expect.fail(`${names[i]}[${far}] is ${got.data[far]}, not ${want.data[far]}`);
  }
}

test("any step, scanned, equals its steps written out: results, first and second derivatives", () =>
  fc.assert(fc.asyncProperty(parts, parts, parts, fc.boolean(), check), { numRuns: 8 }));
