/**
 * The quantile of the standard normal distribution: the z below which a share p of it lies. Algorithm AS 241, PPND16
 * (Wichura 1988, Applied Statistics 37, 477-484), good to about 1e-15. Only + - * / and square roots, which IEEE 754
 * rounds in one way, so that every JavaScript engine gives the same bits; `Math.log` would not.
 */

/** For p from 2^-33 to 1 - 2^-33, which is all that 32 random bits can name: AS 241's far tails are left out. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE[0], r)) / polynomial(CENTRE[1], r);
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p)) - 1.6;
  const z = polynomial(TAIL[0], r) / polynomial(TAIL[1], r);
  return q < 0 ? -z : z;
}

// Numerator and denominator, highest power first; the paper's digits, rounded to doubles.
const CENTRE = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
] as const;
const TAIL = [
  [
    7.745450142783414e-4, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 5.475938084995345e-4, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
] as const;

/** artanh(s) / s in powers of s², which is below 0.03 in `log`. */
const ARTANH = [1 / 21, 1 / 19, 1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1];

/** ln x for 0 < x < 1: x = m 2^k with √½ ≤ m < √2, and ln m = 2 artanh((m - 1) / (m + 1)). */
function log(x: number): number {
  let k = 0;
  for (; x < Math.SQRT1_2; k--) x *= 2; // exact
  const s = (x - 1) / (x + 1);
  return k * Math.LN2 + 2 * s * polynomial(ARTANH, s * s);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let y = coefficients[0]!;
  for (let i = 1; i < coefficients.length; i++) y = y * x + coefficients[i]!;
  return y;
}
