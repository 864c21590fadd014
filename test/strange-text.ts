/** For property tests: random texts of what breaks tokenizers. Only characters that Unicode has had for years: tables differ. */
import fc from "fast-check";

const between = (first: number, last: number) =>
  fc.integer({ min: first, max: last }).map((code) => String.fromCodePoint(code));

const spaces = ["\r\n", "    ", ..."\n\r\t\v\f\u0085\u00a0\u1680\u2028\u2029\u3000"];
const odd = [
  ..."\u0000\u001b\u007f\u00ad\u200b\u200c\u200e\u202e\u2060\ufdd0\ufeff\ufffd\uffff\u{e0041}\u{10ffff}\u0308",
  ..."👍🏽 👨‍👩‍👧 🇫🇷 ❤️ \u{1f600}\u0308 e\u0301\u0323 ΑΣ Σ ς İ ı ẞ ﬁ Ǆ Ⅻ ½ ٣".split(" "),
  ..."<unk> <bos> <|eos|> <|eos [PAD] < Ġ Ċ ▁ ##a 's n't ... -- _ $1 \\n".split(" "),
];

/** Letters, punctuation, spaces of every kind, marks, emoji, right-to-left, CJK, controls, pieces of special tokens. */
export const strangeText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(..."abcdeABC.,;!?'-") },
      { weight: 5, arbitrary: fc.constant(" ") },
      { weight: 2, arbitrary: fc.constantFrom("the", "Word", "42", "naïve", "日本", "שלום", "مرحبا", "हिन्दी", "한국") },
      { weight: 2, arbitrary: fc.constantFrom(...spaces) },
      { weight: 2, arbitrary: fc.constantFrom(...odd) },
      between(0, 0x377),
      between(0x1f300, 0x1f64f),
      between(0x1d400, 0x1d454),
      between(0x4e00, 0x4eff),
      between(0xe000, 0xe010),
    ),
    { maxLength: 40, size: "max" },
  )
  .map((parts) => parts.join(""));

/** The text in chunks that end at the given places, those in the middle of a surrogate pair too. */
export function* chop(text: string, cuts: number[]): Iterable<string> {
  const places = [0, ...cuts.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length];
  for (const [i, start] of places.entries()) yield text.slice(start, places[i + 1]);
}
