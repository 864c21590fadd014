/** The most promising next tokens of several beams: the likeliest, or some that are drawn. */
import { keyOf, uniform } from "../random.ts";

/** Token `token` behind beam `from`, and the log-probability of both. */
export interface Continuation {
  readonly from: number;
  readonly token: number;
  readonly score: number;
}

/** What of a token's log-probability it is chosen by. */
type Rank = (score: number, index: number) => number;

/**
 * The `count` continuations that `rank` puts first, of equal ones the earlier beam and lower id; fewer, where fewer are
 * possible. `logits`: each beam's log-probabilities, −Infinity for what must not come; `scores`: the beams' own.
 */
function best(logits: readonly Float32Array[], scores: readonly number[], count: number, rank: Rank): Continuation[] {
  const chosen: (Continuation & { readonly by: number })[] = [];
  for (const [from, row] of logits.entries())
    for (let token = 0; token < row.length; token++) {
      if (row[token] === Number.NEGATIVE_INFINITY) continue;
      const score = Math.fround(row[token]! + scores[from]!);
      const by = rank(score, from * row.length + token);
      if (chosen.length === count && !(by > chosen[count - 1]!.by)) continue;
      if (chosen.length === count) chosen.pop();
      let place = chosen.length;
      while (place > 0 && chosen[place - 1]!.by < by) place--;
      chosen.splice(place, 0, { from, token, score, by });
    }
  return chosen.map(({ from, token, score }) => ({ from, token, score }));
}

export const likeliest = (logits: readonly Float32Array[], scores: readonly number[], count: number): Continuation[] =>
  best(logits, scores, count, (score) => score);

/**
 * Drawn one after the other, each by its probability among those that are left, in that order: the first by their score
 * with Gumbel noise added (Kool, van Hoof and Welling 2019, arXiv:1903.06059). The same for a seed and a step.
 */
export function drawnWithoutReplacement(
  logits: readonly Float32Array[],
  scores: readonly number[],
  count: number,
  { seed, step }: { readonly seed: number; readonly step: number },
): Continuation[] {
  const key = keyOf(seed, "beams", step);
  return best(logits, scores, count, (score, index) => score - Math.log(-Math.log(uniform(key, index))));
}
