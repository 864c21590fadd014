/**
 * Tokens to be guessed: 15 % of a row are chosen, of which 80 % become the mask, 10 % another token and 10 % stay
 * (Devlin et al. 2018, arXiv:1810.04805, §3.1 and appendix A.1). Every choice is a hash of the row's key and the token's
 * place, so that a row is masked anew at each update (Liu et al. 2019, arXiv:1907.11692, §4.1) and alike after a resume.
 */
import { below, keyOf, uniform } from "../random.ts";

export interface Masking {
  /** Which share of the tokens is chosen. */
  readonly share: number;
  /** The mask's id. */
  readonly maskId: number;
  /** Ids that another token is drawn from: no special ones. */
  readonly ordinary: readonly number[];
  /** Whole words are chosen, where this says which tokens go on with the word before them (Cui et al. 2019, arXiv:1906.08101). */
  readonly continues?: ((id: number, before: number) => boolean) | undefined;
}

/** Ids with some of them hidden, and what stood there; −100 elsewhere. */
export interface MaskedRow {
  readonly ids: number[];
  readonly labels: number[];
}

/** At least one token is chosen of a row that has any; `key` is of the row, in this update. */
export function maskRow(
  tokens: ArrayLike<number>,
  { share, maskId, ordinary, continues = () => false }: Masking,
  key: number,
): MaskedRow {
  const ids = Array.from(tokens);
  const firsts: number[] = []; // the place that each token's word begins at
  for (const [place, id] of ids.entries())
    firsts.push(place > 0 && continues(id, tokens[place - 1]!) ? firsts[place - 1]! : place);
  const [choice, change, other] = [keyOf(key, "chosen"), keyOf(key, "changed"), keyOf(key, "other")];
  let chosen = firsts.map((first) => uniform(choice, first) < share);
  if (!chosen.includes(true) && ids.length > 0) {
    const one = firsts[below(ids.length, keyOf(key, "at least"), 0)]!;
    chosen = firsts.map((first) => first === one);
  }
  const labels = ids.map((id, place) => (chosen[place] ? id : -100));
  for (const place of ids.keys()) {
    if (!chosen[place]) continue;
    const draw = uniform(change, place);
    if (draw < 0.8) ids[place] = maskId;
    else if (draw < 0.9) ids[place] = ordinary[below(ordinary.length, other, place)]!;
  }
  return { ids, labels };
}
