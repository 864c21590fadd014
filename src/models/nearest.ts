/** Which of the known names was meant? */

/** The one of `names` with the smallest edit distance to `name` (Levenshtein 1966). */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const scored = names.map((n) => ({ n, distance: editDistance(name.toLowerCase(), n.toLowerCase()) }));
  return scored.sort((a, b) => a.distance - b.distance)[0]?.n;
}

/** The same, where at most half of `name` would have to change: what is further away was not meant. */
export function meant(name: string, names: readonly string[]): string | undefined {
  const close = nearest(name, names);
  const far = close === undefined || editDistance(name.toLowerCase(), close.toLowerCase()) > name.length / 2;
  return far ? undefined : close;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row.at(-1)!;
}
