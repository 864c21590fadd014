import { describe, expect, test } from "vitest";
import { f32 } from "../../test/gradient-check.ts";
import { fold, hashString, uniform as uniformOf } from "../random.ts";
import { compile, type Tree } from "../runtime/compile.ts";
import { add, dropout, type Float, grad, input, mul, scalar, scan, sum, tanh, uniform } from "./index.ts";
import { atStep, tap, trace, within } from "./trace.ts";

/** The results of a graph that only draws. */
async function draw<Out extends Tree>(outputs: Out, seed: number, device: "cpu" | "wasm" = "cpu") {
  await using program = await compile({}, outputs, { device, threads: 1 });
  return program({}, { seed });
}

describe("uniform numbers are those of random.ts, bit for bit", () => {
  /** Folded into the seed: the layer's path, how often it drew before, and in a scan the step. */
  const key = (seed: number, path: string, call: number, ...steps: number[]) =>
    [hashString(path), call, ...steps].reduce(fold, seed);

  test.each(["cpu", "wasm"] as const)("on %s", async (device) => {
    const { result } = trace(() => ({
      outside: uniform([3, 5]),
      ...within("h.0.attn", () => ({ first: uniform([2, 2]), second: uniform([7]) })),
      step: atStep(scalar(9, "int64"), () => within("cell", () => uniform([4]))),
      inner: atStep(scalar(9, "int64"), () => atStep(scalar(2, "int64"), () => uniform([4]))),
    }));
    for (const seed of [0, 1, 0xffffffff]) {
      const got = await draw(result, seed, device);
      const expected = (dims: number[], k: number) =>
        f32(
          dims,
          Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => uniformOf(k, i)),
        );
      expect(got).toEqual({
        outside: expected([3, 5], key(seed, "", 0)),
        first: expected([2, 2], key(seed, "h.0.attn", 0)),
        second: expected([7], key(seed, "h.0.attn", 1)),
        step: expected([4], key(seed, "cell", 0, 9)),
        inner: expected([4], key(seed, "", 1, 9, 2)),
      });
    }
  });

  test("whatever the sizes are called", async () => {
    const x = input(["batch", "time"]);
    await using program = await compile({ x }, { y: add(mul(x, 0), uniform(x.shape)) });
    const { y } = await program({ x: f32([2, 3], Array(6).fill(1)) }, { seed: 5 });
    expect(y).toEqual(
      f32(
        [2, 3],
        [0, 1, 2, 3, 4, 5].map((i) => uniformOf(key(5, "", 0), i)),
      ),
    );
  });
});

/** Two blocks that draw; `part` is called at the end of each. */
const model = (x: Float, part: (x: Float, block: number) => Float = (y) => y) => {
  let y = x;
  for (const block of [0, 1])
    y = within(`h.${block}`, () => {
      const masked = dropout(dropout(y, 0.3), 0.5);
      return part(masked, block);
    });
  return y;
};
const N = 256;
const ones = f32([N], Array(N).fill(1));

/** What the model's dropouts leave of ones, in a trace of its own. */
async function masks(build: (x: Float) => Float, { seed = 3, mode = "train" as "train" | "evaluation" } = {}) {
  const x = input([N]);
  const { result } = trace(() => build(x));
  await using program = await compile({ x }, { y: result }, { mode });
  return (await program({ x: ones }, { seed })).y.data;
}

describe("a random node is known by its layer's path and its call (rule 4)", () => {
  test("masks stay as they are with a tap, with another layer that draws, and with more of the model around", async () => {
    const plain = await masks((x) => model(x));
    expect(await masks((x) => model(x, (y) => tap("masked", y)))).toEqual(plain);
    expect(
      await masks((x) =>
        model(x, (y, block) =>
          add(
            y,
            mul(
              0,
              within(`h.${block}.adapter`, () => dropout(tanh(y), 0.5)),
            ),
          ),
        ),
      ),
    ).toEqual(plain);
    expect(
      await masks((x) => {
        const before = within("embedding", () => sum(uniform([8])));
        return add(model(x), mul(0, before));
      }),
    ).toEqual(plain);
  });

  test("masks stay as they are in another program over the same model", async () => {
    const x = input([N]);
    const { result: y } = trace(() => model(x));
    await using step = await compile({ x }, { dx: grad(sum(y), [x])[0]! });
    const dx = (await step({ x: ones }, { seed: 3 })).dx.data; // also: backwards, the same mask as forwards
    expect(dx).toEqual(await masks((x) => model(x)));
  });

  test("a rate of zero draws as well, so that the layer's other masks stay", async () => {
    const first = (p: number) => masks((x) => within("h.0", () => dropout(add(mul(0, dropout(x, p)), x), 0.5)));
    expect(await first(0)).toEqual(await first(0.3));
  });

  test("masks differ between layers, calls, steps and seeds", async () => {
    const at =
      (path: string, calls = 1) =>
      (x: Float) =>
        within(path, () => Array.from({ length: calls }, () => dropout(x, 0.5)).at(-1)!);
    const steps = (step: number) => (x: Float) => atStep(scalar(step, "int64"), () => at("h.0")(x));
    const inner = (step: number) => (x: Float) => atStep(scalar(step, "int64"), () => steps(1)(x));
    const all = await Promise.all([
      masks(at("h.0")),
      masks(at("h.1")),
      masks(at("h.0", 2)),
      masks(at("h.0"), { seed: 4 }),
      masks(steps(0)),
      masks(steps(1)),
      masks(inner(0)),
      masks(inner(1)),
    ]);
    expect(new Set(all.map(String)).size).toBe(all.length);
  });

  test("every step of every scan has a mask of its own", async () => {
    const xs = input(["T", "S", 64]);
    const h0 = input([]);
    const { ys } = scan(
      ([h], [row]) => {
        const inner = scan(([h], [x]) => ({ carry: [h], ys: [dropout(x, 0.5)] }), [h], [row]);
        return { carry: inner.carry, ys: inner.ys };
      },
      [h0],
      [xs],
    );
    await using program = await compile({ xs, h0 }, { y: ys[0] });
    const { y } = await program({ xs: f32([3, 4, 64], Array(768).fill(1)), h0: f32([], [0]) });
    const rows = Array.from({ length: 12 }, (_, i) => String(y.data.slice(64 * i, 64 * (i + 1))));
    expect(new Set(rows).size).toBe(12);
  });
});

describe("dropout", () => {
  test.each([0.1, 0.5, 0.9])("at %d keeps the mean, and that share of the numbers", async (p) => {
    const x = input([40_000]);
    await using program = await compile({ x }, { y: dropout(x, p) });
    const { y } = await program({ x: f32([40_000], Array(40_000).fill(1)) }, { seed: 11 });
    const kept = Array.from(y.data, Number).filter((v) => v !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - p))]));
    expect(Math.abs(kept.length / 40_000 - (1 - p))).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 40_000));
  });

  test("at a rate too small to draw keeps everything, and at 0 is nothing", async () => {
    expect(await masks((x) => dropout(x, 1e-12))).toEqual(ones.data);
    const x = input([2]);
    expect(dropout(x, 0)).toBe(x);
  });

  test("vanishes from a program for evaluation, inside and outside of a scan, and takes its seed with it", async () => {
    const [xs, h0, W] = [input(["T", 8]), input([8]), input([8])];
    const captured = dropout(W, 0.5);
    const { carry } = scan(
      ([h], [x]) => ({ carry: [add(h, mul(captured, dropout(tanh(x), 0.5)))], ys: [] }),
      [h0],
      [dropout(xs, 0.5)],
    );
    const outputs = { y: carry[0], same: dropout(dropout(xs, 0.5), 0.5) };
    await using program = await compile({ xs, h0, W }, outputs, { mode: "evaluation" });
    expect(program.program.inputs.map(({ name }) => name)).toEqual(["xs", "h0", "W"]);
    const feeds = {
      xs: f32([2, 8], Array(16).fill(0.5)),
      h0: f32([8], Array(8).fill(0)),
      W: f32([8], Array(8).fill(3)),
    };
    const got = await program(feeds);
    expect(got.same).toEqual(feeds.xs);
    for (const v of got.y.data) expect(v).toBeCloseTo(6 * Math.tanh(0.5), 5);
    await using step = await compile({ xs, h0, W }, outputs);
    expect(step.program.inputs.map(({ name }) => name)).toEqual(["xs", "h0", "W", ":seed"]);
    await step(feeds);
  });

  test("refuses a probability outside of [0, 1)", () => {
    for (const p of [-0.1, 1, Number.NaN])
      expect(() => within("h.0.drop", () => dropout(input([2]), p))).toThrow(
        `dropout: the probability ${p} is not in [0, 1) (in h.0.drop)`,
      );
  });
});
