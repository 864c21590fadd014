/** What a parameter's first numbers are drawn from: data, so that a worker that owns the memory fills it by itself. */
import { fillNormal, fillTruncatedNormal, fillUniform, fold } from "../random.ts";

export type InitialValue =
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "truncated-normal"; readonly std: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "joined"; readonly parts: readonly InitialValue[] };

/** Normal, with mean 0. */
export const normal = (std: number): InitialValue => ({ kind: "normal", mean: 0, std });

/** Normal with mean 0, drawn again beyond two standard deviations; what comes out has 0.88 of `std`. */
export const truncatedNormal = (std: number): InitialValue => ({ kind: "truncated-normal", std });

/** Uniform in ±bound. */
export const uniform = (bound: number): InitialValue => ({ kind: "uniform", low: -bound, high: bound });

export const constant = (value: number): InitialValue => ({ kind: "constant", value });

/** Equal parts one behind another, each from its own: the gates of a recurrent layer's bias. */
export const joined = (parts: readonly InitialValue[]): InitialValue => ({ kind: "joined", parts });

/**
 * Uniform with variance 2 gain² / (fanIn + fanOut), which keeps the size of values and of gradients through a tanh layer
 * (Glorot & Bengio 2010, eq. 16; torch.nn.init.xavier_uniform_). A fan is how many numbers enter, or leave, one unit.
 */
export const xavierUniform = (fanIn: number, fanOut: number, { gain = 1 } = {}): InitialValue =>
  uniform(gain * Math.sqrt(6 / (fanIn + fanOut)));

/**
 * Uniform with variance gain² / fanIn, which keeps the size of values through a ReLU layer (He et al. 2015,
 * arXiv:1502.01852, eq. 10; torch.nn.init.kaiming_uniform_ with a = 0).
 */
export const kaimingUniform = (fanIn: number, { gain = Math.SQRT2 } = {}): InitialValue =>
  uniform(gain * Math.sqrt(3 / fanIn));

/**
 * Fill `view` from `init`, with the numbers of `key`'s stream: `keyOf(seed, parameterName)`. The same numbers on every
 * platform. Throws a RangeError if the description's numbers are not finite, or a spread is negative.
 */
export function fillInitial(view: Float32Array, init: InitialValue, key: number): void {
  if (init.kind === "joined") {
    const size = view.length / init.parts.length;
    for (const [i, part] of init.parts.entries())
      fillInitial(view.subarray(i * size, (i + 1) * size), part, fold(key, i));
    return;
  }
  check(init);
  if (init.kind === "normal") fillNormal(view, key, init);
  else if (init.kind === "truncated-normal") fillTruncatedNormal(view, key, init);
  else if (init.kind === "uniform") fillUniform(view, key, init);
  else view.fill(init.value);
}

function check(init: Exclude<InitialValue, { readonly kind: "joined" }>): void {
  const { kind, ...numbers } = init;
  const spread = "std" in init ? init.std : init.kind === "uniform" ? init.high - init.low : 0;
  if (!Object.values(numbers).every(Number.isFinite) || spread < 0)
    throw new RangeError(
      `init: ${kind} cannot have ${Object.entries(numbers)
        .map(([name, x]) => `${name} ${x}`)
        .join(", ")}: numbers must be finite and spreads not negative`,
    );
}
