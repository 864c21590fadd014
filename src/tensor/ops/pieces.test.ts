import { expect, test } from "vitest";
import { f32 } from "../../../test/gradient-check.ts";
import { compile } from "../../runtime/compile.ts";
import { conv1d, input, pad, permute } from "../index.ts";

test("a pad is right between transposes and as a convolution's weight, where the engine's optimiser moves it", async () => {
  const x = input([2, 1, 2]);
  const w = input([1, 1, 1]);
  const transposed = permute(pad(permute(x, [2, 0, 1]), 2, 0, 1), [1, 2, 0]);
  const convolved = conv1d(x, pad(w, 2, 1, 0));
  await using program = await compile({ x, w }, { transposed, convolved });
  const got = await program({ x: f32([2, 1, 2], [1, 2, 3, 4]), w: f32([1, 1, 1], [10]) });
  expect(got.transposed).toEqual(f32([2, 2, 2], [1, 2, 0, 0, 3, 4, 0, 0]));
  expect(got.convolved).toEqual(f32([2, 1, 1], [20, 40]));
});
