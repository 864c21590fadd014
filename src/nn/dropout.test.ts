import { expect, test } from "vitest";
import { filled } from "../../test/contract/numbers.ts";
import { compile } from "../runtime/compile.ts";
import { add, type Float, input, type Tensor, tap, trace } from "../tensor/index.ts";
import { dropout } from "./dropout.ts";
import { gate } from "./gate.ts";
import { layer, namedParams } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";
import { lora } from "./lora.ts";

const N = 64;

/** Two blocks that drop numbers before and behind a gated map. */
const block = () =>
  layer(
    { before: dropout(0.5), map: linear(N, N) as Linear, behind: dropout(0.5) },
    ({ before, map, behind }, x: Float) => tap("out", behind(add(before(x), gate("map", map(x), [])))),
  );
const model = () => layer({ h: [block(), block()] }, ({ h }, x: Float) => h.map((block) => block(x)));

interface Program {
  readonly seed?: number;
  readonly gates?: boolean;
  readonly outputs?: (out: readonly Float[], taps: readonly Tensor[]) => readonly Tensor[];
  readonly mode?: "train" | "evaluation";
}

/** What a model makes of ones while its maps give zeros: 4 where nothing was dropped, else 0. */
async function kept(
  of: ReturnType<typeof model>,
  { seed = 7, gates = false, outputs = (out) => out, mode = "train" }: Program = {},
) {
  const x = input([1, N]);
  const { result, taps, gates: found } = trace(() => of(x), { gates });
  const feeds: Record<string, Tensor<"float32">> = { x, ...Object.fromEntries(namedParams(of)) };
  for (const { path, value } of found) feeds[path] = value as Tensor<"float32">;
  const asked = outputs(
    result,
    taps.map(({ value }) => value),
  );
  await using program = await compile(feeds, { asked }, { mode });
  const values = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => [name, filled(shape as number[], name === "x" ? 1 : 0)]),
  );
  const got = await program(values, { seed });
  return got.asked.map(({ data }) => [...(data as Float32Array)]);
}

test("each place drops by itself, and the mean stays", async () => {
  const [a, b] = await kept(model());
  expect(new Set(a)).toEqual(new Set([0, 4]));
  expect(a).not.toEqual(b);
  const mean = [...a!, ...b!].reduce((sum, x) => sum + x) / (2 * N);
  expect(mean).toBeGreaterThan(0.6);
  expect(mean).toBeLessThan(1.4);
});

test("another seed drops others, evaluation none", async () => {
  expect(await kept(model(), { seed: 8 })).not.toEqual(await kept(model()));
  expect(await kept(model(), { mode: "evaluation" })).toEqual([Array(N).fill(1), Array(N).fill(1)]);
});

test("a tap, gates, an adapter or another program over the same model leave every mask as it was", async () => {
  const plain = await kept(model());
  expect(await kept(model(), { gates: true })).toEqual(plain);
  expect(await kept(model(), { outputs: (_, taps) => taps })).toEqual(plain);
  expect(await kept(model(), { outputs: ([, second]) => [second!] })).toEqual([plain[1]]);
  const adapted = model();
  adapted.h[0]!.map = lora(adapted.h[0]!.map, { rank: 2 });
  expect(await kept(adapted)).toEqual(plain);
});

test("a rate of 0 drops nothing, and one outside [0, 1) is refused with its place", () => {
  expect(dropout(0)(input([N])).op).toBe("input");
  const wrong = layer({ h: [dropout(1)] }, ({ h }, x: Float) => h[0]!(x));
  expect(() => wrong(input([N]))).toThrow("dropout: the probability 1 is not in [0, 1) (in h.0)");
});
