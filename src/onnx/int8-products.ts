/** Which products of a graph belong to linear layers: those of a weight, and those that end as a weight's gradient. */
import { transpose } from "../tensor/ops/index.ts";
import type { Float, Tensor } from "../tensor/tensor.ts";
import type { Actual } from "./reads.ts";

/** a b + c */
export interface Factors {
  readonly a: Float;
  readonly b: Float;
  readonly c?: Float;
}

/** Of a product in any of the forms that graphs have; undefined: it is none. */
export function factorsOf({ op, dtype, inputs, attrs }: Tensor, actual: Actual): Factors | undefined {
  if (dtype !== "float32" || !["MatMul", "FusedMatMul", "Gemm"].includes(op)) return undefined;
  const { transA = 0, transB = 0, ...others } = attrs;
  if (Object.keys(others).length > 0) return undefined;
  const [a, b, c] = inputs.map(actual) as Float[];
  return { a: transA ? transpose(a!) : a!, b: transB ? transpose(b!) : b!, ...(c && { c }) };
}

/** Those of `order` that are made of parameters alone. */
export function weightsIn(order: readonly Tensor[], actual: Actual): (x: Tensor) => boolean {
  const weights = new Set<Tensor>();
  const fixed = new Set<Tensor>();
  for (const x of order) {
    const inputs = x.inputs.map(actual);
    if (x.op === "param") weights.add(x);
    else if (x.op === "const" || x.op === "dims") fixed.add(x);
    else if (!x.body && inputs.length > 0 && inputs.every((i) => weights.has(i) || fixed.has(i)))
      (inputs.some((i) => weights.has(i)) ? weights : fixed).add(x);
  }
  return (x) => weights.has(x) || (x.op === "Transpose" && weights.has(actual(x.inputs[0]!)));
}

const SOFTMAX = ["Softmax", "LogSoftmax", "ReduceLogSumExp"];
/** What logits may pass on their way from a product to a softmax. */
const PASSED = ["Reshape", "Transpose", "Slice", "Gather", "Add", "Sub", "Mul", "Div", "Where", "Cast", "Concat"];

/** The products that a softmax takes, or a part of them, or a sum with something. */
export function logitsIn(order: readonly Tensor[], actual: Actual): Set<Tensor> {
  const logits = new Set<Tensor>();
  const seen = new Set<Tensor>();
  const waiting = order.filter(({ op }) => SOFTMAX.includes(op)).map(({ inputs }) => actual(inputs[0]!));
  for (let x = waiting.pop(); x; x = waiting.pop()) {
    if (seen.has(x)) continue;
    seen.add(x);
    if (factorsOf(x, actual)) logits.add(x);
    else if (PASSED.includes(x.op)) waiting.push(...x.inputs.map(actual));
  }
  return logits;
}

/** The tensor whose numbers x holds in another shape: an equal one of their quantised forms will do. */
export function unshaped(x: Tensor, actual: Actual, walked: ReadonlySet<Tensor>): Tensor {
  const y = actual(x);
  return y.op === "Reshape" && !walked.has(y) ? unshaped(y.inputs[0]!, actual, walked) : y;
}

/** The tensor whose numbers x holds in another shape or order, or at all steps of a scan. */
export function originOf(x: Tensor, actual: Actual): Tensor {
  const y = actual(x);
  if (y.moves) return originOf(y.inputs[0]!, actual);
  return y.op === "item" && typeof y.which === "object" ? originOf(y.which, actual) : y;
}
