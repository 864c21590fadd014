/** ALiBi: a query's scores fall with the distance of a key, faster in some heads than in others (Press et al. 2022, arXiv:2108.12409). */

/**
 * How fast each head's scores fall: powers of 2^(−8 / heads); where heads are no power of two, those of the next smaller
 * one, and every other of the next larger one (the authors' code; Hugging Face's BLOOM and Falcon).
 */
export function alibiSlopes(heads: number): number[] {
  const smaller = 2 ** Math.floor(Math.log2(heads));
  const powers = (count: number) => Array.from({ length: count }, (_, i) => 2 ** ((-8 * (i + 1)) / count));
  const between = powers(2 * smaller).filter((_, i) => i % 2 === 0);
  return [...powers(smaller), ...between].slice(0, heads);
}
