/** Tensors as graph nodes: sizes, ops, differentiation, traces. */
export { ceilDiv, divide, floorDiv, minus, plus, sizeOf, times } from "./dims.ts";
export { grad } from "./grad.ts";
export * from "./ops/index.ts";
export {
  type Bool,
  constant,
  type Data,
  type Dim,
  type DType,
  type Float,
  type Ids,
  input,
  int64,
  node,
  type Shape,
  ShapeError,
  scalar,
  show,
  sizes,
  type Tensor,
  type Value,
} from "./tensor.ts";
export { type Gate, scope, type Tap, tap, trace, within } from "./trace.ts";
