/** Gates: factors that a program has as inputs, where its trace asks for them; elsewhere they are not there at all. */
import { mul } from "../tensor/ops/index.ts";
import { type Float, input, type Shape } from "../tensor/tensor.ts";
import { gateInput } from "../tensor/trace.ts";

/** x scaled by the gate `name` of this layer, whose shape broadcasts to x's. 1 leaves x as it is, 0 removes it. */
export function gate(name: string, x: Float, shape: Shape): Float {
  const factor = gateInput(name, shape, (s) => input(s));
  return factor ? mul(x, factor) : x;
}
