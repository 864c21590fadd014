/** Places in a text, which are in UTF-16 units everywhere here, in the units of other languages. */

type Places = readonly (readonly [start: number, end: number])[];

/** In code points, as Python and Rust's `char` count. A place within a character becomes the character's. */
export const codePointOffsets = (text: string, offsets: Places): [start: number, end: number][] =>
  counted(text, offsets, () => 1);

/** In bytes of UTF-8. */
export const byteOffsets = (text: string, offsets: Places): [start: number, end: number][] =>
  counted(text, offsets, (code) => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4));

/** @param lengthOf how many units a code point has. Throws for a place outside the text. */
function counted(text: string, offsets: Places, lengthOf: (code: number) => number): [number, number][] {
  const at = new Int32Array(text.length + 1); // by UTF-16 unit
  let units = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    at[i] = units;
    if (code > 0xffff) at[++i] = units; // the second half of a pair
    units += lengthOf(code);
  }
  at[text.length] = units;
  return offsets.map(([start, end]) => {
    if (!(start >= 0 && start <= end && end <= text.length))
      throw new RangeError(`offsets: [${start}, ${end}) is no place in a text of ${text.length} UTF-16 units`);
    return [at[start]!, at[end]!];
  });
}
