/**
 * Just enough of WebAssembly's binary format to assemble one SIMD loop at run time: no build step, no blob.
 * Sections, types and opcodes: https://webassembly.github.io/spec/core/binary, vector instructions after 0xfd.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** An unsigned number in LEB128. */
const leb = (n: number): Code => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
const simd = (op: number, ...args: readonly Code[]): Code => [...args.flat(), 0xfd, ...leb(op)];
const align4 = [2, 0]; // the alignment of a float32 (2 ** 2 bytes), and no further offset

export const get = (local: number): Code => [0x20, ...leb(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...leb(local)];
export const i32Add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const splat = (f32: Code): Code => simd(0x13, f32);
export const load = (address: Code): Code => [...simd(0x00, address), ...align4];
export const store = (address: Code, value: Code): Code => [...simd(0x0b, address, value), ...align4];

/** Four times the 32 bits of a number. */
const fourTimes = (bits: number): Code => {
  const bytes = [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24];
  return [0xfd, 0x0c, ...bytes, ...bytes, ...bytes, ...bytes];
};
const zero = fourTimes(0);
const one = fourTimes(0x3f800000); // 1 as a float32
const signBit = fourTimes(0x80000000);
const and = (a: Code, b: Code) => simd(0x4e, a, b);
const or = (a: Code, b: Code) => simd(0x50, a, b);

/** Lanes where x is not 0, as a mask: all bits set. */
export const isNotZero = (x: Code): Code => simd(0x42, x, zero);

// b < a ? b : a, and a < b ? b : a: one instruction each, where the WebAssembly operators that let no NaN through, from
// whichever side, are ten. These keep one that is on the left, where a rule has its gradient.
const min = (a: Code, b: Code) => simd(0xea, a, b);
const max = (a: Code, b: Code) => simd(0xeb, a, b);

/** ONNX's elementwise operators on four float32 at a time. A boolean is a mask: 32 bits set, or none. */
export const f32x4: Readonly<Record<string, (...args: readonly Code[]) => Code>> = {
  Abs: (x) => simd(0xe0, x!),
  Neg: (x) => simd(0xe1, x!),
  Sqrt: (x) => simd(0xe3, x!),
  Sign: (x) => and(isNotZero(x!), or(and(x!, signBit), one)),
  Add: (a, b) => simd(0xe4, a!, b!),
  Sub: (a, b) => simd(0xe5, a!, b!),
  Mul: (a, b) => simd(0xe6, a!, b!),
  Div: (a, b) => simd(0xe7, a!, b!),
  Min: (a, b) => min(a!, b!),
  Max: (a, b) => max(a!, b!),
  Clip: (x, low, high) => min(max(x!, low!), high!),
  Equal: (a, b) => simd(0x41, a!, b!),
  Less: (a, b) => simd(0x43, a!, b!),
  Greater: (a, b) => simd(0x44, a!, b!),
  LessOrEqual: (a, b) => simd(0x45, a!, b!),
  GreaterOrEqual: (a, b) => simd(0x46, a!, b!),
  Not: (mask) => simd(0x4d, mask!),
  And: (a, b) => and(a!, b!),
  Or: (a, b) => or(a!, b!),
  Where: (mask, a, b) => simd(0x52, a!, b!, mask!),
  Cast: (mask) => and(mask!, one),
};

export const f64x2 = {
  add: (a: Code, b: Code): Code => simd(0xf0, a, b),
  mul: (a: Code, b: Code): Code => simd(0xf2, a, b),
  /** Lanes 0 and 1 of a float32 vector, widened. */
  promoteLow: (x: Code): Code => simd(0x5f, x),
  lane: (x: Code, i: number): Code => [...simd(0x21, x), i],
};
/** Lanes 2 and 3 of a float32 vector, moved to 0 and 1. */
export const high = (x: Code): Code => [...simd(0x0d, x, x), ...Array.from({ length: 16 }, (_, i) => (i + 8) % 16)];
export const f64Add = (a: Code, b: Code): Code => [...a, ...b, 0xa0];

/** How many places of an array a loop is at: memory that is not in a cache comes faster from several at once. */
export const PLACES = 4;
/** Bytes that a loop takes at once, four floats at each place: the length of what it runs over is a multiple. */
export const LOOP_BYTES = 16 * PLACES;

/**
 * Run `body` for every four floats of `length` bytes, a multiple of LOOP_BYTES: `at` is a byte offset into arrays. The loop
 * walks through the parts of an array side by side, one for each place. `i` and `part` are locals of its own.
 */
export const everyFourFloats = (
  { length, i, part }: { readonly length: number; readonly i: number; readonly part: number },
  body: (at: Code, place: number) => Code,
): Code => {
  const at: Code[] = [get(i)];
  while (at.length < PLACES) at.push(i32Add(at.at(-1)!, get(part)));
  return [
    ...set(part, [...get(length), 0x41, Math.log2(PLACES), 0x76]), // length >>> log₂ PLACES
    ...set(i, [0x41, 0]), // i = 0
    ...[0x03, 0x40], // loop
    ...at.flatMap(body),
    ...set(i, i32Add(get(i), [0x41, 16])),
    ...[...get(i), ...get(part), 0x49, 0x0d, 0], // again if i < part, unsigned
    0x0b,
  ];
};

/** A module with one function, "run", over an imported memory "env.memory". */
export function module(
  params: readonly number[],
  locals: readonly number[],
  result: readonly number[],
  body: Code,
): Uint8Array {
  const section = (id: number, ...parts: readonly Code[]): Code => [id, ...leb(parts.flat().length), ...parts.flat()];
  const name = (s: string): Code => [s.length, ...new TextEncoder().encode(s)];
  const code = [...leb(locals.length), ...locals.flatMap((type) => [1, type]), ...body, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, [1, 0x60], leb(params.length), params, leb(result.length), result), // the function's type
    ...section(2, [1], name("env"), name("memory"), [2, 0, 0]), // the import: a memory of any size
    ...section(3, [1, 0]),
    ...section(7, [1], name("run"), [0, 0]), // the export
    ...section(10, [1], leb(code.length), code),
  ]);
}
