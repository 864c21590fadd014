/**
 * Chance inside a graph: the counter hash of ../../random.ts as uint32 nodes, the same bits. What is drawn depends on
 * the program's seed, on where in the model it is drawn (layer path and how often before at that path), inside scans on
 * their steps, and on the element's index; so a tap, an adapter or another program over the same model changes no mask.
 */
import { hashString } from "../../random.ts";
import { sizeOf } from "../dims.ts";
import { type Float, input, node, type Shape, scalar, shapeError, type Tensor } from "../tensor.ts";
import { nextCall } from "../trace.ts";
import { add, mul } from "./arithmetic.ts";
import { cast, less } from "./compare.ts";
import { iota } from "./fill.ts";
import { reshape } from "./shape.ts";

type Bits = Tensor<"uint32">;

/** What a program's random numbers are made from: one uint32, another at every step. A program that draws has it as an input. */
export const seed: Bits = input([], "uint32");

/** 32 random bits for each element. */
function randomBits(shape: Shape): Bits {
  const { path, index, steps } = nextCall();
  let key = fold(fold(seed, hashString(path)), index);
  for (const step of steps) key = fold(key, cast(step, "uint32"));
  const start = add(key, 0x9e3779b9);
  const stride = add(mul(hash32(start), 2), 1);
  const element = reshape(cast(iota(sizeOf(shape)), "uint32"), shape);
  return hash32(add(mul(element, stride), start));
}

/** Uniform in [0, 1), 24 bits each: `uniform` of ../../random.ts at each element's index. */
export const uniform = (shape: Shape): Tensor<"float32"> =>
  mul(cast(shiftRight(randomBits(shape), 8), "float32"), 2 ** -24);

/**
 * Zero with probability p, else x / (1 − p), so that the mean stays (Srivastava et al. 2014). A program lowered for
 * evaluation has x itself here.
 */
export function dropout(x: Float, p: number): Float {
  if (!(p >= 0 && p < 1)) throw shapeError("dropout", `the probability ${p} is not in [0, 1)`);
  const bits = randomBits(x.shape);
  if (p === 0) return x; // after drawing: a rate of zero leaves the other masks as they are
  const keep = less(bits, Math.min(Math.round((1 - p) * 2 ** 32), 2 ** 32 - 1));
  return masked(x, mul(cast(keep, x.dtype), 1 / (1 - p)));
}

/** x ⊙ mask while training, x in evaluation; its gradient likewise. */
const masked = (x: Float, mask: Float): Float =>
  node("Mul", [x, mask], { shape: x.shape, vjp: (dy) => [masked(dy, mask), null], evaluation: x });

const fold = (key: Bits, word: number | Bits): Bits => hash32(add(mul(key, 0x9e3779b1), word));

const hash32 = (x: Bits): Bits => {
  const a = mul(xor(x, shiftRight(x, 16)), 0x7feb352d);
  const b = mul(xor(a, shiftRight(a, 15)), 0x846ca68b);
  return xor(b, shiftRight(b, 16));
};

const xor = (a: Bits, b: Bits): Bits => node("BitwiseXor", [a, b], { shape: a.shape, dtype: "uint32" });

const shiftRight = (x: Bits, n: number): Bits =>
  node("BitShift", [x, scalar(n, "uint32")], { shape: x.shape, dtype: "uint32", attrs: { direction: "RIGHT" } });
