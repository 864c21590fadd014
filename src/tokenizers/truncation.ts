/** Encodings of at most a given length, and of equal lengths (as the Rust crate `tokenizers` cuts and pads). */
import { addedTokens, type Encoding, joinEncodings, sliceEncoding } from "./encoding.ts";

export interface TruncationOptions {
  /** The most tokens, added ones included. */
  maxLength: number;
  /** Which text of a pair gives tokens up (default "longestFirst"). */
  strategy?: "longestFirst" | "onlyFirst" | "onlySecond";
  /** How many tokens each overflowing part repeats of the part before it (default 0). */
  stride?: number;
  /** Where tokens go (default "right"). */
  direction?: "left" | "right";
}

/** @throws if the strategy leaves nothing of the text that it cuts, or the stride is as long as a part. */
export function truncate(encodings: readonly Encoding[], options: TruncationOptions): Encoding[] {
  const { maxLength, strategy = "longestFirst" } = options;
  const lengths = encodings.map(({ ids }) => ids.length);
  const [first = 0, second = 0] = lengths;
  const excess = first + second - maxLength;
  if (excess <= 0) return [...encodings];
  if (maxLength === 0) return encodings.map((encoding) => cut(encoding, 0, options));
  if (strategy === "longestFirst") {
    const left = encodings.length < 2 ? [maxLength] : share(first, second, maxLength);
    return encodings.map((encoding, i) => cut(encoding, left[i]!, options));
  }
  const which = strategy === "onlyFirst" ? 0 : 1;
  const length = lengths[which];
  if (length === undefined) throw new Error('truncation: the strategy is "onlySecond", but there is no second text');
  if (length <= excess)
    throw new Error(
      `truncation: ${excess} tokens must go, but the ${which === 0 ? "first" : "second"} text has ${length}; raise maxLength, or use "longestFirst"`,
    );
  return encodings.map((encoding, i) => (i === which ? cut(encoding, length - excess, options) : encoding));
}

/** The longer text gives tokens up until it is as long as the other; then both do. */
function share(first: number, second: number, most: number): [number, number] {
  const shorter = Math.min(first, second);
  let [less, more] = [shorter, shorter > most ? shorter : Math.max(shorter, most - shorter)];
  if (less + more > most) {
    less = Math.floor(most / 2);
    more = less + (most % 2);
  }
  return first > second ? [more, less] : [less, more];
}

function cut(encoding: Encoding, length: number, { stride = 0, direction = "right" }: TruncationOptions): Encoding {
  const all = encoding.ids.length;
  if (length >= all) return encoding;
  if (length === 0) return { ...sliceEncoding(encoding, 0, 0), overflowing: [encoding] };
  if (stride >= length)
    throw new Error(`truncation: the stride is ${stride}, but a part has ${length} tokens; it must be less`);
  const parts: Encoding[] = [];
  for (let at = 0; ; at += length - stride) {
    const [start, end] =
      direction === "right" ? [at, Math.min(at + length, all)] : [Math.max(0, all - at - length), all - at];
    parts.push(sliceEncoding(encoding, start, end));
    if (direction === "right" ? end === all : start === 0) break;
  }
  const [first, ...overflowing] = parts;
  return { ...first!, overflowing };
}

export interface PaddingOptions {
  /** Every encoding gets this length; default: that of the longest. */
  length?: number;
  /** The length is rounded up to a multiple. */
  multipleOf?: number;
  direction?: "left" | "right";
  padId: number;
  padTypeId?: number;
  padToken: string;
}

/** Longer ones stay as they are; what overflowed is padded too. */
export function pad(encodings: readonly Encoding[], options: PaddingOptions): Encoding[] {
  const { multipleOf = 1, direction = "right", padId, padTypeId = 0, padToken } = options;
  const longest = options.length ?? encodings.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const length = Math.ceil(longest / Math.max(1, multipleOf)) * Math.max(1, multipleOf);
  const padded = (encoding: Encoding): Encoding => {
    const overflowing = encoding.overflowing.map(padded);
    const missing = length - encoding.ids.length;
    if (missing <= 0) return { ...encoding, overflowing };
    const padding = addedTokens(new Array(missing).fill([padToken, padId]), padTypeId, true);
    const bare = { ...encoding, overflowing: [] };
    return { ...joinEncodings(direction === "left" ? [padding, bare] : [bare, padding]), overflowing };
  };
  return encodings.map(padded);
}
