/**
 * Narrow floating-point numbers, given as their bits, to and from float32.
 *
 *   float16   1 sign, 5 exponent, 10 mantissa bits (IEEE 754-2019 binary16)
 *   bfloat16  1, 8, 7: the upper half of a float32
 *   float8    e4m3fn (no infinity, NaN is 0x7f and 0xff) and e5m2 (the upper half of a float16): arXiv:2209.05433
 *
 * Everything works on bit patterns, never on JavaScript numbers, which would change the payload of a NaN.
 */

/**
 * Widens float16 bits; exact for all 65,536 of them, NaN payloads included.
 * @param out receives the numbers; as long as `bits`
 * @throws when the lengths differ
 */
export function float16ToFloat32(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  return lookUp("float16ToFloat32", float16Table(), bits, out);
}

/** Widens bfloat16 bits; exact, NaN payloads included. As {@link float16ToFloat32}. */
export function bfloat16ToFloat32(bits: Uint16Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const to = bitsOf("bfloat16ToFloat32", out, bits);
  for (let i = 0; i < bits.length; i++) to[i] = bits[i]! << 16;
  return out;
}

/** Widens float8 e4m3fn bits (safetensors' F8_E4M3); exact. As {@link float16ToFloat32}. */
export function float8e4m3ToFloat32(bits: Uint8Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  return lookUp("float8e4m3ToFloat32", float8e4m3Table(), bits, out);
}

/** Widens float8 e5m2 bits (safetensors' F8_E5M2); exact, NaN payloads included. As {@link float16ToFloat32}. */
export function float8e5m2ToFloat32(bits: Uint8Array, out: Float32Array = new Float32Array(bits.length)): Float32Array {
  const to = bitsOf("float8e5m2ToFloat32", out, bits);
  const table = float16Table();
  for (let i = 0; i < bits.length; i++) to[i] = table[bits[i]! << 8]!;
  return out;
}

/**
 * Rounds float32 to float16 bits, to nearest and ties to even, as numpy does: 65,520 and above become infinity, below
 * 2^-14 numbers are subnormal, a NaN keeps its sign and the upper ten bits of its payload.
 * @throws when the lengths differ
 */
export function float32ToFloat16(x: Float32Array, out: Uint16Array = new Uint16Array(x.length)): Uint16Array {
  const from = bitsOf("float32ToFloat16", x, out);
  for (let i = 0; i < from.length; i++) {
    const bits = from[i]!;
    const magnitude = bits & 0x7fffffff;
    const sign = (bits >>> 16) & 0x8000;
    if (magnitude < 0x38800000) out[i] = sign | subnormalFloat16(magnitude);
    else if (magnitude < 0x47800000)
      out[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13); // the bias: 127 - 15
    else if (magnitude <= 0x7f800000) out[i] = sign | 0x7c00;
    else out[i] = sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 1);
  }
  return out;
}

/**
 * Rounds float32 to bfloat16 bits, to nearest and ties to even. A NaN keeps its sign and the upper seven bits of its
 * payload.
 * @throws when the lengths differ
 */
export function float32ToBfloat16(x: Float32Array, out: Uint16Array = new Uint16Array(x.length)): Uint16Array {
  const from = bitsOf("float32ToBfloat16", x, out);
  for (let i = 0; i < from.length; i++) {
    const bits = from[i]!;
    if ((bits & 0x7fffffff) <= 0x7f800000) out[i] = (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
    else out[i] = (bits >>> 16) | ((bits & 0x7f0000) === 0 ? 1 : 0);
  }
  return out;
}

/** Below 2^-14 a float16 counts in steps of 2^-24. */
function subnormalFloat16(magnitude: number): number {
  const exponent = magnitude >>> 23;
  if (exponent < 102) return 0; // below half a step
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  return (mantissa + (1 << (shift - 1)) - 1 + ((mantissa >>> shift) & 1)) >>> shift;
}

function lookUp(what: string, table: Int32Array, bits: Uint16Array | Uint8Array, out: Float32Array): Float32Array {
  const to = bitsOf(what, out, bits);
  for (let i = 0; i < bits.length; i++) to[i] = table[bits[i]!]!;
  return out;
}

function bitsOf(what: string, x: Float32Array, other: Uint16Array | Uint8Array): Int32Array {
  if (x.length !== other.length)
    throw new Error(`${what}: ${x.length} float32 numbers, but ${other.length} narrow ones`);
  return new Int32Array(x.buffer, x.byteOffset, x.length);
}

/** The float32 bits of each float16, by the definition. */
const float16Table = once(() =>
  Int32Array.from({ length: 1 << 16 }, (_, bits) => {
    const sign = (bits & 0x8000) << 16;
    const exponent = (bits >>> 10) & 0x1f;
    const mantissa = bits & 0x3ff;
    if (exponent === 0) return sign | float32Bits(mantissa * 2 ** -24);
    if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13);
    return sign | ((exponent + 112) << 23) | (mantissa << 13);
  }),
);

/** The float32 bits of each float8 e4m3fn, by the definition. */
const float8e4m3Table = once(() =>
  Int32Array.from({ length: 1 << 8 }, (_, bits) => {
    const sign = (bits & 0x80) << 24;
    const exponent = (bits >>> 3) & 0xf;
    const mantissa = bits & 0x7;
    if (exponent === 0) return sign | float32Bits(mantissa * 2 ** -9);
    if ((bits & 0x7f) === 0x7f) return sign | 0x7fc00000;
    return sign | ((exponent + 120) << 23) | (mantissa << 20);
  }),
);

function float32Bits(x: number): number {
  return new Int32Array(Float32Array.of(x).buffer)[0]!;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
