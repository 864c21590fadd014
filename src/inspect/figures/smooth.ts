/** Noisy curves made readable: their trend, and fewer points where there are more than pixels. */

/** x and y of one place of a curve. */
export type Point = readonly [x: number, y: number];

/**
 * At each point the mean of y over `radius` points to both sides, as far as there are any. A y that is no finite number is
 * left out of the means of others.
 */
export function smooth(points: readonly Point[], radius: (index: number) => number): Point[] {
  const sums = [0];
  const counts = [0];
  for (const [i, [, y]] of points.entries()) {
    sums.push(sums[i]! + (Number.isFinite(y) ? y : 0));
    counts.push(counts[i]! + Number(Number.isFinite(y)));
  }
  return points.map(([x, y], i) => {
    const r = Math.round(radius(i));
    const [from, to] = [Math.max(0, i - r), Math.min(points.length, i + r + 1)];
    return [x, Number.isFinite(y) ? (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!) : y];
  });
}

/** A learning curve's trend: it falls fast at first and slowly later, so it is averaged over ever more points. */
export const trend = (points: readonly Point[]): Point[] => smooth(points, (i) => i / 10);

/** At most about `most` points: of each stretch the lowest and the highest, so that no spike is lost. */
export function thin(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const stretch = Math.ceil((2 * points.length) / most);
  const kept: Point[] = [];
  for (let from = 0; from < points.length; from += stretch) {
    const part = points.slice(from, from + stretch);
    const extremes = [part.reduce((a, b) => (b[1] < a[1] ? b : a)), part.reduce((a, b) => (b[1] > a[1] ? b : a))];
    kept.push(...new Set(extremes.sort((a, b) => a[0] - b[0])));
  }
  return kept;
}
