/** The products of linear layers over quantised tensors, each of which is quantised once however many products read it. */
import { add, reshape, transpose } from "../tensor/ops/index.ts";
import type { Float, Tensor } from "../tensor/tensor.ts";
import { moved, product, type Quantized, quantize, quantizeRange, rest, split } from "./int8-nodes.ts";
import { unshaped } from "./int8-products.ts";

/** Sums over more terms than this, or than this for each result, take x as two matrices as well. */
const WIDE = { terms: 4096, termsForEach: 4 };

export interface Quantizer {
  /**
   * x W + bias: x [..., K], W [K, N], bias [N]. `fine`: x to 16 bits. The cotangent of logits needs them: many small
   * numbers stand beside one large one, and their sum counts; rounded to 8 bits they are gone.
   */
  product(x: Float, weight: Float, options?: { readonly bias?: Float | undefined; readonly fine?: boolean }): Float;
  /** Xᵀ dY, with dY to 14 bits: x [n, K], dy [n, N] → [K, N]. */
  gradient(x: Float, dy: Float): Float;
}

export function createQuantizer(actual: (x: Tensor) => Tensor, walked: ReadonlySet<Tensor>): Quantizer {
  const plain = (x: Tensor) => unshaped(x, actual, walked);
  /** `make(key)`, once for each key. */
  const once = <T>(make: (x: Float) => T) => {
    const made = new Map<Tensor, T>();
    return (x: Tensor): T => {
      const known = made.get(x) ?? make(x as Float);
      made.set(x, known);
      return known;
    };
  };
  const stored = once(quantize);
  const turned = once((w) => moved(stored(w), transpose));
  const ofWeight = (w: Float) => (w.op === "Transpose" ? turned(actual(w.inputs[0]!)) : stored(w));

  const range = once(quantizeRange);
  const halves = once((x) => split(x, range(x)));
  const remainder = once((x) => range(rest(x, range(x))));
  const shaped = <D extends "uint8" | "int8">(of: Quantized<D>, { shape }: Tensor) =>
    moved(of, (q) => reshape(q, shape));
  const ofRows = once((x) => shaped(range(plain(x)), x));
  const fineRows = once((x) => shaped(remainder(plain(x)), x));
  const ofColumns = once((x) => moved(shaped(range(plain(x)), x), transpose));

  return {
    product(x, weight, { bias, fine = false } = {}) {
      const y = product(ofRows(x), ofWeight(weight), bias);
      return fine || isWide(weight) ? add(y, product(fineRows(x), ofWeight(weight))) : y;
    },
    gradient(x, dy) {
      const [high, low] = halves(plain(dy)).map((half) => shaped(half, dy));
      return add(product(ofColumns(x), high!), product(ofColumns(x), low!));
    },
  };
}

function isWide({ shape }: Float): boolean {
  const [terms, results] = shape as readonly [number, number];
  return terms > WIDE.terms || terms > WIDE.termsForEach * results;
}
