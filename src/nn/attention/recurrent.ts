/**
 * Attention before the Transformer: how a recurrent decoder reads its source. Additive (Bahdanau, Cho & Bengio 2015,
 * arXiv:1409.0473), dot, general, concat and local-p (Luong, Pham & Manning 2015, arXiv:1508.04025), scaled dot (Vaswani
 * et al. 2017, arXiv:1706.03762). Each can be read alone and passed in; the steps are the papers': scores, weights,
 * context, and then, in the decoder that called, the next state.
 *
 * All take the decoder's state [B, H], the source's states [B, S, M] and, where some of them are padding, what is added
 * to the scores [B, S]: 0, or −1e30 on padding, which then weighs exactly 0. What depends on the source alone is computed
 * once, however many steps read it.
 */
import {
  abs,
  add,
  cast,
  div,
  exp,
  greater,
  iota,
  lessOrEqual,
  matmul,
  mul,
  neg,
  sigmoid,
  slice,
  softmax,
  square,
  squeeze,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
  zeros,
} from "../../tensor/ops/index.ts";
import { type Float, shapeError, sizes } from "../../tensor/tensor.ts";
import { uniform } from "../init.ts";
import { layer, param } from "../layer.ts";
import { linear } from "../linear.ts";
import { additive } from "./mask.ts";

export interface Reading {
  /** How much of each source position is read. [B, S] */
  readonly weights: Float;
  /** What is read: the states' sum under these weights. [B, M] */
  readonly context: Float;
}
export type ReadSource = (state: Float, source: Float, mask?: Float) => Reading;

interface Sizes {
  /** H, the decoder's. */
  readonly state: number;
  /** M, of a source state. */
  readonly source: number;
}

/** score = vᵀ tanh(W s + U h) (Bahdanau et al., appendix A.1.2). */
export const additiveAttention = ({ state: H, source: M }: Sizes) =>
  layer(
    { query: linear(H, H), key: linear(M, H), v: linear(H, 1, { bias: false }) },
    ({ query, key, v }, state: Float, source: Float, mask?: Float): Reading => {
      const scores = squeeze(v(tanh(add(unsqueeze(query(state), 1), key(source)))), -1); // [B, S]
      const weights = softmax(masked(scores, mask));
      return { weights, context: mix(weights, source) };
    },
  );

/** score = sᵀ h (Luong et al., eq. 8). Throws a ShapeError where the two are of different sizes. */
export const dotAttention = ({ state: H, source: M }: Sizes) =>
  layer({}, (_, state: Float, source: Float, mask?: Float): Reading => {
    sameSize("dotAttention", H, M);
    const scores = squeeze(matmul(source, unsqueeze(state, -1)), -1); // [B, S]
    const weights = softmax(masked(scores, mask));
    return { weights, context: mix(weights, source) };
  });

/** score = sᵀ h / √H (Vaswani et al., §3.2.1). Throws a ShapeError where the two are of different sizes. */
export const scaledDotAttention = ({ state: H, source: M }: Sizes) =>
  layer({}, (_, state: Float, source: Float, mask?: Float): Reading => {
    sameSize("scaledDotAttention", H, M);
    const scores = squeeze(matmul(source, unsqueeze(mul(state, 1 / Math.sqrt(H)), -1)), -1); // [B, S]
    const weights = softmax(masked(scores, mask));
    return { weights, context: mix(weights, source) };
  });

/** score = sᵀ W h (Luong et al., eq. 8). */
export const generalAttention = ({ state: H, source: M }: Sizes) =>
  layer({ W: linear(M, H, { bias: false }) }, ({ W }, state: Float, source: Float, mask?: Float): Reading => {
    const scores = squeeze(matmul(W(source), unsqueeze(state, -1)), -1); // [B, S]
    const weights = softmax(masked(scores, mask));
    return { weights, context: mix(weights, source) };
  });

/** score = vᵀ tanh(W [s; h]) (Luong et al., eq. 8). */
export const concatAttention = ({ state: H, source: M }: Sizes) =>
  layer(
    { W: param([H, H + M], uniform(1 / Math.sqrt(H + M))), v: linear(H, 1, { bias: false }) },
    ({ W, v }, state: Float, source: Float, mask?: Float): Reading => {
      const [ofState, ofSource] = [slice(W, 1, 0, H), slice(W, 1, H, H + M)].map(transpose); // W [s; h] = W₁ s + W₂ h
      const scores = squeeze(v(tanh(add(unsqueeze(matmul(state, ofState!), 1), matmul(source, ofSource!)))), -1);
      const weights = softmax(masked(scores, mask)); // [B, S]
      return { weights, context: mix(weights, source) };
    },
  );

/**
 * The source is read around one predicted place, p = S · sigmoid(vᵀ tanh(W s)) (Luong et al., §3.2): `general` weights
 * among the positions within `window` of it, times a Gaussian around it with σ = window / 2. They sum to 1 at most; what
 * is further away weighs exactly 0. S is the source's length without its padding, which stands on the right.
 */
export const localAttention = ({ state: H, source: M, window = 10 }: Sizes & { readonly window?: number }) =>
  layer(
    { W: linear(M, H, { bias: false }), position: linear(H, H, { bias: false }), v: linear(H, 1, { bias: false }) },
    ({ W, position, v }, state: Float, source: Float, mask?: Float): Reading => {
      const [B, S] = sizes(source, "B S M");
      const real = cast(greater(mask ?? zeros([B, S]), -1), "float32");
      const length = sum(real, [-1], { keepDims: true }); // [B, 1]
      const center = mul(length, sigmoid(v(tanh(position(state))))); // [B, 1]
      const distance = sub(cast(iota(S), "float32"), center); // [B, S]
      const far = additive(lessOrEqual(abs(distance), window));
      const scores = squeeze(matmul(W(source), unsqueeze(state, -1)), -1); // [B, S]
      const near = exp(neg(div(square(distance), 2 * (window / 2) ** 2)));
      const weights = mul(softmax(add(masked(scores, mask), far)), near);
      return { weights, context: mix(weights, source) };
    },
  );

const masked = (scores: Float, mask: Float | undefined): Float => (mask ? add(scores, mask) : scores);

/** Σ weight · state: [B, S] and [B, S, M] → [B, M]. */
const mix = (weights: Float, source: Float): Float => squeeze(matmul(unsqueeze(weights, 1), source), 1);

function sameSize(name: string, H: number, M: number): void {
  if (H !== M)
    throw shapeError(name, `a state of ${H} and source states of ${M} have no product: ${H} ≠ ${M}; "general" has one`);
}
