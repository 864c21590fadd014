/** Levenshtein's distance (1966): the least number of insertions, deletions and substitutions that make b of a. */

/** In time a.length x b.length, with one row of the table. */
export function editDistance(a: readonly string[], b: readonly string[]): number {
  const row = Int32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, symbol] of a.entries()) {
    let diagonal = i;
    row[0] = i + 1;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!;
      row[j] = Math.min(above + 1, row[j - 1]! + 1, diagonal + (symbol === b[j - 1] ? 0 : 1));
      diagonal = above;
    }
  }
  return row[b.length]!;
}
