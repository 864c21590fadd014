/**
 * Do products of int8 pay here? A CPU with instructions for them (VNNI, or ARM's dot product) computes them three times as
 * fast as float32's; without, they may be slower. One product, measured in both, tells in about a tenth of a second.
 */
import { performance } from "node:perf_hooks";
import { type Precision, toOnnx } from "../onnx/lower.ts";
import { openProgram, type Program, type ProgramOptions } from "../runtime/program.ts";
import { matmul, sum } from "../tensor/ops/index.ts";
import { input, parameter } from "../tensor/tensor.ts";

const SIDE = 384;
const ROUNDS = 4;
/** A step is not products alone: below this it gains nothing to speak of. */
const WORTHWHILE = 1.2;

/** How many times as fast as in float32 a product with a weight is in int8, the weight's rounding included. */
export async function int8Gain(options: ProgramOptions = {}): Promise<number> {
  await using exact = await productProgram("float32", options);
  await using rounded = await productProgram("int8", options);
  const values = Float32Array.from({ length: SIDE * SIDE }, (_, i) => ((37 * i) % 101) / 50 - 1);
  const matrix = { dtype: "float32", dims: [SIDE, SIDE], data: values } as const;
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, program] of [exact, rounded].entries()) {
      const start = performance.now();
      await program.run({ x: matrix, W: matrix });
      if (round > 0) least[i] = Math.min(least[i]!, performance.now() - start);
    }
  return least[0]! / least[1]!;
}

function productProgram(precision: Precision, options: ProgramOptions): Promise<Program> {
  const x = input([SIDE, SIDE]);
  const W = parameter([SIDE, SIDE]);
  return openProgram(toOnnx({ x, W }, { y: sum(matmul(x, W)) }, { precision }), options); // a sum: to copy y would take as long
}

/** What to tell who asks for int8 where it gains this much; undefined: nothing. */
export const int8Warning = (gain: number): string | undefined =>
  gain < WORTHWHILE
    ? `precision int8: its products are only ${gain.toFixed(2)} × as fast as float32's on this machine; precision float32 trains as fast, and exactly`
    : undefined;
