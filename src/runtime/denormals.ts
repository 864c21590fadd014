/**
 * Numbers nearer to 0 than 2⁻¹²⁶, the denormal ones, taken for 0. Intel's processors stop for about 150 cycles at each operation
 * that makes one, and a softmax makes them of all that a mask hides: seven times the softmax's time, before it rounds them to
 * 0. The engine can have them taken for 0, but in the threads that call it only with a process's first session, and there for
 * JavaScript's numbers too. So this is for threads that are ours, and no thread's sums may depend on who computes them:
 * where the calling thread does not flush, no other does.
 */
import { toOnnx } from "../onnx/lower.ts";
import { reshape } from "../tensor/ops/index.ts";
import { input } from "../tensor/tensor.ts";

/** From now on in this thread, if it opens the process's first session; gives whether that is so. */
export async function flushDenormals(): Promise<boolean> {
  const x = input([1, 1]);
  const { bytes } = toOnnx({ x }, { y: reshape(x, [1]) });
  const { default: ort } = await import("onnxruntime-node"); // when it is first asked for, as an engine
  const session = await ort.InferenceSession.create(bytes, { extra: { session: { set_denormal_as_zero: "1" } } });
  await session.release();
  return areFlushed();
}

/** Whether this thread takes denormal numbers for 0. */
export function areFlushed(): boolean {
  const tiny = Float64Array.of(2 ** -1022);
  tiny[0]! /= 4;
  return tiny[0] === 0;
}
