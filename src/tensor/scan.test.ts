import { describe, expect, test } from "vitest";
import { type Case, checkGradient, f32, normals } from "../../test/gradient-check.ts";
import { compile } from "../runtime/compile.ts";
import { toData } from "./dtype.ts";
import golden from "./golden/lstm.json" with { type: "json" };
import { topologicalOrder } from "./grad.ts";
import {
  add,
  addmm,
  chunk,
  concat,
  constant,
  type Dim,
  dropout,
  type Float,
  flip,
  gather,
  grad,
  greater,
  type Ids,
  input,
  layerNormalize,
  matmul,
  mul,
  reshape,
  type Shape,
  scan,
  sigmoid,
  slice,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  topK,
  transpose,
  unsqueeze,
  unstack,
  type Value,
  where,
  within,
  zerosLike,
} from "./index.ts";
import { atStep } from "./trace.ts";

type Build = (...xs: never[]) => Tensor;

/** Runs a graph and its gradients with respect to every float input. */
async function run(build: Build, values: readonly Value[], shapes: readonly Shape[]): Promise<Value[]> {
  const xs = values.map(({ dtype }, i) => input(shapes[i]!, dtype));
  const y = build(...(xs as never[])) as Float;
  const floats = xs.filter((x) => x.dtype === "float32") as Float[];
  const dxs = grad(sum(mul(y, tanh(y))), floats, { ifUnused: zerosLike });
  await using program = await compile({ xs }, { y, dxs });
  const got = await program({ xs: values } as never, { seed: 7 });
  return [got.y, ...got.dxs] as Value[];
}

/** Both graphs give the same values and gradients: with sizes that are numbers, and the first with named ones. */
async function expectEqual(
  f: Build,
  g: Build,
  values: readonly Value[],
  { named, tolerance = 1e-5 }: { readonly named?: readonly Shape[]; readonly tolerance?: number } = {},
): Promise<void> {
  const fixed = values.map(({ dims }) => dims);
  const want = await run(g, values, fixed);
  for (const shapes of named ? [fixed, named] : [fixed]) {
    const got = await run(f, values, shapes);
    expect(got.map(({ dims }) => dims)).toEqual(want.map(({ dims }) => dims));
    expect(Math.max(...got.map((value, i) => distance(value, want[i]!)))).toBeLessThan(tolerance);
  }
}

const numbers = ({ data }: Value): number[] => Array.from(data as ArrayLike<number | bigint>, Number);
const distance = (a: Value, b: Value) => {
  const want = numbers(b);
  return Math.max(...numbers(a).map((v, i) => Math.abs(v - want[i]!)));
};

let key = 0;
const random = (...dims: number[]): Value =>
  f32(
    dims,
    normals(dims, key++).map((v) => 0.5 * v),
  );

/** A scan of `step` from h0 along xs, and the same steps written out; the ys. */
type Step = (h: Float, x: Float, ...captured: Float[]) => Float;
const scanned =
  (step: Step): Build =>
  (...[h0, xs, ...captured]: Float[]) =>
    scan(
      ([h], [x]) => {
        const h1 = step(h, x, ...captured);
        return { carry: [h1], ys: [h1] };
      },
      [h0!],
      [xs!],
    ).ys[0];
const unrolled =
  (step: Step): Build =>
  (...[h0, xs, ...captured]: Float[]) => {
    let h = h0!;
    const ys = unstack(xs!).map((x, t) => {
      h = atStep(constant("int64", [], toData("int64", [t])), () => step(h, x, ...captured));
      return unsqueeze(h, 0);
    });
    return concat(ys, 0);
  };

const lstmCell = (x: Float, h: Float, c: Float, W: Float, U: Float, b: Float) => {
  const [i, f, g, o] = chunk(addmm(add(matmul(x, W), b), h, U), 4, 1);
  const c1 = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
  return [mul(sigmoid(o), tanh(c1)), c1] as const;
};

describe("an LSTM written with scan", () => {
  const stored = ([dims, data]: readonly (number | readonly number[])[] | (number | number[])[][]): Value<"float32"> =>
    f32(dims as number[], data as number[]);
  const all = (part: Record<string, Parameters<typeof stored>[0]>) =>
    Object.fromEntries(Object.entries(part).map(([name, z]) => [name, stored(z)]));
  const values = { ...all(golden.inputs), ...all(golden.weights) };

  test.each<[string, Dim, Dim]>([
    ["of named sizes", "time", "batch"],
    ["of numbers", 5, 3],
  ])("equals torch.nn.LSTM with inputs %s: results and every gradient", async (_, T, B) => {
    const E = 4;
    const H = 6;
    const [x, h0, c0] = [input([T, B, E]), input([2, B, H]), input([2, B, H])];
    const weights = Object.fromEntries(
      Object.entries(all(golden.weights)).map(([name, { dims }]) => [name, input(dims)]),
    );
    const layer = (xs: Float, l: number) => {
      const [W, U] = [transpose(weights[`weight_ih_l${l}`]!), transpose(weights[`weight_hh_l${l}`]!)];
      const b = add(weights[`bias_ih_l${l}`]!, weights[`bias_hh_l${l}`]!);
      return scan(
        ([h, c], [x]) => {
          const [h1, c1] = lstmCell(x, h, c, W, U, b);
          return { carry: [h1, c1], ys: [h1] };
        },
        [unstack(h0)[l]!, unstack(c0)[l]!],
        [xs],
      );
    };
    const one = layer(x, 0);
    const two = layer(one.ys[0], 1);
    const results = {
      y: two.ys[0],
      h: concat([unsqueeze(one.carry[0], 0), unsqueeze(two.carry[0], 0)], 0),
      c: concat([unsqueeze(one.carry[1], 0), unsqueeze(two.carry[1], 0)], 0),
    };
    const cotangents = { y: input(results.y.shape), h: input(results.h.shape), c: input(results.c.shape) };
    const loss = (["y", "h", "c"] as const)
      .map((name) => sum(mul(results[name], cotangents[name])))
      .reduce((a, b) => add(a, b));
    const inputs = { x, h0, c0, ...weights };
    await using program = await compile(
      { inputs, cotangents },
      { results, gradients: grad(loss, Object.values(inputs) as Float[]) },
    );
    const got = await program({ inputs: values, cotangents: all(golden.cotangents) } as never);
    for (const [name, z] of Object.entries(got.results))
      expect(distance(z as Value, stored(golden.results[name as "y"]))).toBeLessThan(1e-6);
    const names = Object.keys(inputs) as (keyof typeof golden.gradients)[];
    for (const [i, name] of names.entries())
      expect(distance(got.gradients[i] as Value, stored(golden.gradients[name]))).toBeLessThan(5e-6);
  });
});

describe("a scan equals its steps written out, values and gradients", () => {
  test("an LSTM, with two carries", () => {
    const scannedLstm: Build = (...[xs, h0, c0, W, U, b]: [Float, Float, Float, Float, Float, Float]) => {
      const { carry, ys } = scan(
        ([h, c], [x]) => {
          const [h1, c1] = lstmCell(x, h, c, W, U, b);
          return { carry: [h1, c1], ys: [h1] };
        },
        [h0, c0],
        [xs],
      );
      return concat([ys[0], unsqueeze(carry[1], 0)], 0);
    };
    const unrolledLstm: Build = (...[xs, h0, c0, W, U, b]: [Float, Float, Float, Float, Float, Float]) => {
      let [h, c] = [h0, c0];
      const ys = unstack(xs).map((x) => {
        [h, c] = lstmCell(x, h, c, W, U, b);
        return unsqueeze(h, 0);
      });
      return concat([...ys, unsqueeze(c, 0)], 0);
    };
    const values = [random(5, 3, 4), random(3, 6), random(3, 6), random(4, 24), random(6, 24), random(24)];
    return expectEqual(scannedLstm, unrolledLstm, values, {
      named: [["T", "B", 4], ["B", 6], ["B", 6], [4, 24], [6, 24], [24]],
    });
  });

  test("a decoder that attends to captured keys under a mask (Bahdanau et al. 2015, arXiv:1409.0473, §3.1)", () => {
    const step: Step = (h, x, keys, mask, Wq, v, W, U) => {
      const scores = reshape(matmul(tanh(add(unsqueeze(matmul(h, Wq!), 1), keys!)), v!), mask!.shape); // [B, S]
      const context = reshape(matmul(unsqueeze(softmax(add(scores, mask!)), 1), keys!), h.shape); // [B, H]
      return tanh(add(add(matmul(x, W!), matmul(context, U!)), h));
    };
    const mask = f32(
      [3, 7],
      Array.from({ length: 21 }, (_, i) => (i % 7 > 3 + Math.floor(i / 7) ? -1e9 : 0)),
    );
    const values = [
      random(3, 6),
      random(5, 3, 4),
      random(3, 7, 6),
      mask,
      random(6, 6),
      random(6, 1),
      random(4, 6),
      random(6, 6),
    ];
    return expectEqual(scanned(step), unrolled(step), values, {
      named: [
        ["B", 6],
        ["T", "B", 4],
        ["B", "S", 6],
        ["B", "S"],
        [6, 6],
        [6, 1],
        [4, 6],
        [6, 6],
      ],
    });
  });

  test("a state that stays where a row has ended: a mask walked along with the rows", () => {
    const step = (h: Float, x: Float, m: Float, U: Float) => where(greater(m, 0), tanh(add(matmul(h, U), x)), h);
    const f: Build = (h0: Float, xs: Float, ms: Float, U: Float) =>
      scan(
        ([h], [x, m]) => {
          const h1 = step(h, x, m, U);
          return { carry: [h1], ys: [h1] };
        },
        [h0],
        [xs, ms],
      ).ys[0];
    const g: Build = (h0: Float, xs: Float, ms: Float, U: Float) => {
      let h = h0;
      const [rows, masks] = [unstack(xs), unstack(ms)];
      return concat(
        rows.map((x, t) => {
          h = step(h, x, masks[t]!, U);
          return unsqueeze(h, 0);
        }),
        0,
      );
    };
    const ended = f32([4, 2, 1], [1, 1, 1, 1, 1, 0, 1, 0]);
    return expectEqual(f, g, [random(2, 3), random(4, 2, 3), ended, random(3, 3)], {
      named: [
        ["B", 3],
        ["T", "B", 3],
        ["T", "B", 1],
        [3, 3],
      ],
    });
  });

  test("dropout, which draws another mask at every step and the same ones in the backward pass", async () => {
    const step: Step = (h, x, U) =>
      within("cell", () =>
        tanh(
          add(
            matmul(dropout(h, 0.4), U!),
            within("input", () => dropout(x, 0.3)),
          ),
        ),
      );
    const values = [random(3, 6), random(5, 3, 6), random(6, 6)];
    await expectEqual(scanned(step), unrolled(step), values, {
      named: [
        ["B", 6],
        ["T", "B", 6],
        [6, 6],
      ],
    });
    const kept = (
      await run(
        scanned((_, x) => dropout(x, 0.5)),
        [random(1, 64), f32([2, 1, 64], Array(128).fill(1))],
        [
          [1, 64],
          [2, 1, 64],
        ],
      )
    )[0]!;
    expect(kept.data.slice(0, 64)).not.toEqual(kept.data.slice(64));
  });

  test("what reads a captured table at ids, cuts, normalises and sorts", () => {
    const step = (h: Float, ids: Ids, table: Float, U: Float, w: Float, b: Float) => {
      const [gate, fresh] = chunk(matmul(add(h, gather(table, ids)), U), 2, 1);
      const next = layerNormalize(mul(sigmoid(gate), fresh), w, b, 1e-5);
      return add(next, topK(next, 1).values);
    };
    const f: Build = (h0: Float, ids: Ids, table: Float, U: Float, w: Float, b: Float) =>
      scan(
        ([h], [id]) => {
          const h1 = step(h, id, table, U, w, b);
          return { carry: [h1], ys: [h1] };
        },
        [h0],
        [ids],
      ).ys[0];
    const g: Build = (h0: Float, ids: Ids, table: Float, U: Float, w: Float, b: Float) => {
      let h = h0;
      return concat(
        unstack(ids).map((id) => {
          h = step(h, id, table, U, w, b);
          return unsqueeze(h, 0);
        }),
        0,
      );
    };
    const ids: Value = {
      dtype: "int64",
      dims: [4, 2],
      data: toData("int64", [0, 2, 1, 1, 2, 2, 0, 1]) as BigInt64Array,
    };
    return expectEqual(f, g, [random(2, 3), ids, random(3, 3), random(3, 6), random(3), random(3)], {
      named: [["B", 3], ["T", "B"], [3, 3], [3, 6], [3], [3]],
      tolerance: 1e-4, // layer norm of three numbers is steep
    });
  });

  test("a scan inside a scan", () => {
    const words: Step = (h, x, W) => tanh(add(matmul(h, W!), x));
    const f: Build = (h0: Float, xs: Float, W: Float) =>
      scan(
        ([h], [x]) => {
          const inner = scan(
            ([h], [word]) => {
              const h1 = words(h, word, W);
              return { carry: [h1], ys: [h1] };
            },
            [h],
            [x],
          );
          const h1 = mul(0.5, add(inner.carry[0], sum(inner.ys[0], [0])));
          return { carry: [h1], ys: [h1] };
        },
        [h0],
        [xs],
      ).ys[0];
    const g: Build = (h0: Float, xs: Float, W: Float) => {
      let h = h0;
      return concat(
        unstack(xs).map((x) => {
          let inner = h;
          const ys = unstack(x).map((word) => {
            inner = words(inner, word, W);
            return inner;
          });
          h = mul(
            0.5,
            add(
              inner,
              ys.reduce((a, b) => add(a, b)),
            ),
          );
          return unsqueeze(h, 0);
        }),
        0,
      );
    };
    return expectEqual(f, g, [random(2, 5), random(3, 4, 2, 5), random(5, 5)], {
      named: [
        ["B", 5],
        ["T", "words", "B", 5],
        [5, 5],
      ],
    });
  });

  test("one step", () => {
    const step: Step = (h, x, W) => tanh(add(matmul(h, W!), x));
    return expectEqual(scanned(step), unrolled(step), [random(1, 3), random(1, 1, 3), random(3, 3)], {
      named: [
        ["B", 3],
        ["T", "B", 3],
        [3, 3],
      ],
    });
  });

  test("from the last slice to the first", () => {
    const step: Step = (h, x, W) => tanh(add(matmul(h, W!), x));
    const reverse: Build = (h0: Float, xs: Float, W: Float) => {
      const { carry, ys } = scan(
        ([h], [x]) => {
          const h1 = step(h, x, W);
          return { carry: [h1], ys: [h1] };
        },
        [h0],
        [xs],
        { reverse: true },
      );
      return concat([ys[0], unsqueeze(carry[0], 0)], 0);
    };
    const flipped: Build = (h0: Float, xs: Float, W: Float) => {
      const ys = unrolled(step)(...([h0, flip(xs, 0), W] as never[])) as Float;
      return concat([flip(ys, 0), slice(ys, 0, 3, 4)], 0);
    };
    return expectEqual(reverse, flipped, [random(2, 3), random(4, 2, 3), random(3, 3)], {
      named: [
        ["B", 3],
        ["T", "B", 3],
        [3, 3],
      ],
    });
  });

  const slope =
    (build: Build): Build =>
    (...xs) => {
      const y = build(...xs) as Float;
      return grad(sum(mul(y, y)), [xs[1]!])[0]!;
    };

  test("a backward pass that reads an operator's other results, differentiated", () => {
    const step: Step = (h, x, w, b) => layerNormalize(add(h, x), w!, b!, 0.1);
    const values = [random(2, 5), random(4, 2, 5), random(5), random(5)];
    return expectEqual(slope(scanned(step)), slope(unrolled(step)), values, { tolerance: 1e-4 });
  });

  test("a backward pass, differentiated", () => {
    const step: Step = (h, x, W) => tanh(add(matmul(h, W!), x));
    return expectEqual(slope(scanned(step)), slope(unrolled(step)), [random(2, 5), random(4, 2, 5), random(5, 5)], {
      named: [
        ["B", 5],
        ["T", "B", 5],
        [5, 5],
      ],
      tolerance: 1e-4,
    });
  });

  test("results that no step computes: a slice, a carry as it was, what does not change", () => {
    const f: Build = (h0: Float, xs: Float, c: Float) => {
      const { carry, ys } = scan(
        ([h, same], [x]) => ({ carry: [add(h, x), same], ys: [x, h, c, mul(c, 2)] }),
        [h0, c],
        [xs],
      );
      return [...ys, unsqueeze(carry[0], 0), unsqueeze(carry[1], 0)].reduce((a, b) => concat([a, b], 0));
    };
    const g: Build = (h0: Float, xs: Float, c: Float) => {
      const rows = unstack(xs);
      const sums = [h0];
      for (const x of rows) sums.push(add(sums.at(-1)!, x));
      const every = (z: Float) => rows.map(() => z);
      const parts = [...rows, ...sums.slice(0, -1), ...every(c), ...every(mul(c, 2)), sums.at(-1)!, c];
      return concat(
        parts.map((z) => unsqueeze(z, 0)),
        0,
      );
    };
    return expectEqual(f, g, [random(2), random(3, 2), random(2)], { named: [[2], ["T", 2], [2]] });
  });
});

describe("in float64 its gradients agree with differences", () => {
  const cell = (h0: Float, xs: Float, W: Float, U: Float) => {
    const step: Step = (h, x) => {
      const [z, n] = chunk(add(matmul(x, W), matmul(h, U)), 2, 1);
      return add(mul(sigmoid(z), h), mul(sub(1, sigmoid(z)), tanh(n)));
    };
    return scanned(step)(...([h0, xs] as never[])) as Float;
  };
  const cases: Record<string, Case> = {
    "a gated cell": {
      op: (...xs) => cell(...(xs as [Float, Float, Float, Float])),
      shapes: [
        [2, 3],
        [3, 2, 2],
        [2, 6],
        [3, 6],
      ],
    },
    "only the last state": {
      op: (h0, xs, W) => scan(([h], [x]) => ({ carry: [tanh(add(matmul(h, W!), x))], ys: [] }), [h0!], [xs!]).carry[0],
      shapes: [
        [2, 3],
        [3, 2, 3],
        [3, 3],
      ],
    },
    "a slice that is multiplied outside of the loop and used in it": {
      op: (h0, xs, W) => scanned((h, x) => tanh(add(matmul(x, W!), sub(x, h))))(...([h0, xs] as never[])) as Float,
      shapes: [
        [2, 3],
        [3, 2, 3],
        [3, 3],
      ],
    },
    "a weight in two products, one of them outside of the loop": {
      op: (h0, xs, W) => scanned((h, x) => tanh(add(matmul(x, W!), matmul(h, W!))))(...([h0, xs] as never[])) as Float,
      shapes: [
        [2, 3],
        [3, 2, 3],
        [3, 3],
      ],
    },
    "products of two carries": {
      op: (a, b, xs) => {
        const { carry, ys } = scan(
          ([a, b], [x]) => ({ carry: [add(b, x), mul(a, b)], ys: [mul(a, x)] }),
          [a!, b!],
          [xs!],
        );
        return add(carry[1], sum(ys[0], [0]));
      },
      shapes: [[2], [2], [4, 2]],
    },
  };
  test.each(Object.entries(cases))("%s", (_, example) => checkGradient(example));
  test.each(Object.entries(cases))("%s, twice", (_, example) => checkGradient(example, { twice: true }));
});

describe("what need not be done step by step is done once", () => {
  const products = (outputs: readonly Tensor[]) => topologicalOrder(outputs).filter(({ op }) => op === "MatMul").length;
  const [xs, W, U, h0] = [input(["T", "B", 4]), input([4, 6]), input([6, 6]), input(["B", 6])];
  const build = (step: (x: Float, h: Float) => Float) =>
    scan(
      ([h], [x]) => {
        const h1 = step(x, h);
        return { carry: [h1], ys: [h1] };
      },
      [h0],
      [xs],
    ).ys[0];

  test("weights are multiplied by all steps at once, and their gradients are one product each", () => {
    const y = build((x, h) => tanh(add(matmul(x, transpose(transpose(W))), matmul(h, U))));
    expect(products([y])).toBe(1); // x W
    expect(products(grad(sum(y), [W, U]))).toBe(3); // and the two gradients
    expect(products(grad(sum(y), [xs, W, U, h0]))).toBe(4);
  });

  test("also where the weight is an expression, and where the product is moved about", () => {
    const y = build((x, h) =>
      tanh(add(reshape(matmul(transpose(transpose(x)), mul(W, 2)), h.shape), matmul(h, tanh(U)))),
    );
    expect(products(grad(sum(y), [W, U]))).toBe(3);
  });

  test("what depends on nothing in the loop is outside of it", () => {
    const y = build((x, h) => tanh(add(matmul(x, W), matmul(h, matmul(U, U)))));
    const scans = topologicalOrder([y]).filter(({ body }) => body);
    expect(scans).toHaveLength(1);
    expect(products([y])).toBe(2); // x W and U U
  });
});

test("a step that changes its carry's shape, or walks along two lengths or none, says so", () => {
  const h0 = input([2, 3]);
  const xs = input(["T", 3, 4]);
  expect(() =>
    within("decoder.rnn", () => scan(([h], [x]) => ({ carry: [matmul(h, x)], ys: [] }), [h0], [xs])),
  ).toThrow("scan: carry 0 enters the step as float32[2, 3] and leaves it as float32[2, 4] (in decoder.rnn)");
  expect(() => scan(([h], [x]) => ({ carry: [h], ys: [x] }), [h0], [xs, input(["S", 2])])).toThrow(
    "scan: tensors of different lengths: T ≠ S",
  );
  expect(() => scan(([h]) => ({ carry: [h], ys: [] }), [h0], [])).toThrow("scan: there is no tensor to walk along");
  expect(() => scan(([h]) => ({ carry: [h], ys: [] }), [h0], [input([0, 2])])).toThrow(
    "scan: there is no step to take: 0 < 1",
  );
});

test("a run without a step is refused before the engine sees it", async () => {
  const xs = input(["T", 2]);
  const h0 = input([2]);
  const { carry } = scan(([h], [x]) => ({ carry: [add(h, x)], ys: [] }), [h0], [xs]);
  await using program = await compile({ xs, h0 }, { y: carry[0] });
  await expect(program({ xs: f32([0, 2], []), h0: f32([2], [0, 0]) })).rejects.toThrow(
    "scan: there is no step to take: T < 1; here T is 0",
  );
});

test("a walk along what the step does not look at repeats it", async () => {
  const xs = input(["T", 2]);
  const h0 = input([2]);
  const { carry } = scan(([h]) => ({ carry: [mul(h, 2)], ys: [] }), [h0], [xs]);
  await using program = await compile({ xs, h0 }, { y: carry[0], dh: grad(sum(carry[0]), [h0])[0]! });
  const got = await program({ xs: f32([3, 2], Array(6).fill(0)), h0: f32([2], [1, 5]) });
  expect([got.y, got.dh]).toEqual([f32([2], [8, 40]), f32([2], [8, 8])]);
});
