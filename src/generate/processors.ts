/**
 * What is done to a row's logits before a token is chosen: pure functions, equal to the classes of the same names in
 * transformers 5 (generation/logits_process.py). A token that must not come has the logit −Infinity.
 */
import { argmax, softmax } from "./sample.ts";

type Ids = readonly number[];
const NEVER = Number.NEGATIVE_INFINITY;

/** These tokens' logits are divided by `penalty` if positive, else multiplied (Keskar et al. 2019, arXiv:1909.05858, §4.1). */
export function penalizeRepetition(logits: Float32Array, seen: Ids, penalty: number): Float32Array {
  const changed = logits.slice();
  for (const id of new Set(seen)) changed[id] = logits[id]! < 0 ? logits[id]! * penalty : logits[id]! / penalty;
  return changed;
}

/** No token that would repeat a run of `size` tokens of the text (Paulus et al. 2017, arXiv:1705.04304, §2.5). */
export function noRepeatNgram(logits: Float32Array, text: Ids, size: number): Float32Array {
  const banned: number[] = [];
  for (let end = size - 1; end < text.length; end++)
    if (endsWith(text, text.slice(end - size + 1, end))) banned.push(text[end]!);
  return suppress(logits, banned);
}

/** No token that would complete one of these runs of tokens. */
export const noBadWords = (logits: Float32Array, text: Ids, words: readonly Ids[]): Float32Array =>
  suppress(
    logits,
    words.filter((word) => endsWith(text, word.slice(0, -1))).map((word) => word.at(-1)!),
  );

const endsWith = (text: Ids, end: Ids): boolean =>
  end.length <= text.length && end.every((id, i) => id === text[text.length - end.length + i]);

/** None of these tokens; ids outside the vocabulary are passed over. */
export function suppress(logits: Float32Array, ids: Ids): Float32Array {
  if (ids.length === 0) return logits;
  const changed = logits.slice();
  for (const id of ids) changed[id] = NEVER;
  return changed;
}

/** One of these tokens. */
export function force(logits: Float32Array, ids: Ids): Float32Array {
  const changed = new Float32Array(logits.length).fill(NEVER);
  for (const id of ids) changed[id] = 0;
  return changed;
}

/** Logits are divided by it: below 1, likely tokens become likelier. */
export const temper = (logits: Float32Array, temperature: number): Float32Array => logits.map((x) => x / temperature);

/** The k likeliest tokens, and those that are as likely as the last of them (Fan et al. 2018, arXiv:1805.04833, §5.4). */
export function topK(logits: Float32Array, k: number): Float32Array {
  if (k >= logits.length) return logits;
  const best = logits.slice(0, k).sort(); // ascending
  for (let i = k; i < logits.length; i++) {
    const x = logits[i]!;
    if (x <= best[0]!) continue;
    let place = 0;
    for (; place + 1 < k && best[place + 1]! < x; place++) best[place] = best[place + 1]!;
    best[place] = x;
  }
  const least = best[0]!;
  return logits.map((x) => (x < least ? NEVER : x));
}

/**
 * The fewest tokens that have probability `p` together (nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751, §3.1):
 * the least likely are left out while they have at most 1 − p together, of equally likely ones the lower id first. At least
 * `keep` remain.
 */
export function topP(logits: Float32Array, p: number, keep = 1): Float32Array {
  const order = logits.filter((x) => x > NEVER).sort(); // ascending
  const probability = softmax(order);
  let [out, together] = [0, probability[0]!];
  while (Math.fround(together) <= Math.fround(1 - p) && out < order.length - keep) together += probability[++out]!;
  const least = order[out]!;
  let equalOut = out - order.indexOf(least);
  return logits.map((x) => (x < least || (x === least && equalOut-- > 0) ? NEVER : x));
}

/** Tokens with at least `share` of the likeliest one's probability (Nguyen et al. 2024, arXiv:2407.01082), or `keep` of them. */
export function minP(logits: Float32Array, share: number, keep = 1): Float32Array {
  const probability = softmax(logits);
  const least = Math.fround(share * probability[argmax(probability)]!);
  const lastKept = keep === 1 ? least : probability.toSorted().at(-keep)!;
  return logits.map((x, i) => (probability[i]! < Math.min(least, lastKept) ? NEVER : x));
}
