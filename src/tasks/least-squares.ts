/** Linear least squares by Householder's reflections (Golub 1965; Golub and Van Loan, "Matrix computations", §5.3). */

/**
 * The weights w that make the sum of (rows w - values)² least; there must be at least as many rows as weights. A column
 * that the ones before it determine has weight 0, so that collinear columns are no failure.
 */
export function solve(rows: readonly (readonly number[])[], values: ArrayLike<number>): Float64Array {
  const [n, k] = [rows.length, rows[0]!.length];
  const columns = Array.from({ length: k }, (_, j) => Float64Array.from(rows, (row) => row[j]!));
  const right = Float64Array.from(values);
  const used: number[] = []; // column of each step; step i made everything below row i of it 0
  const diagonal: number[] = [];
  for (let j = 0; j < k && used.length < n; j++) {
    const [column, top] = [columns[j]!, used.length];
    const below = norm(column.subarray(top));
    if (below <= 1e-10 * norm(column)) continue;
    const alpha = column[top]! > 0 ? -below : below;
    const mirror = column.slice(top);
    mirror[0]! -= alpha;
    const size = mirror.reduce((sum, x) => sum + x * x, 0);
    for (const other of [...columns.slice(j), right]) {
      let inner = 0;
      for (let i = 0; i < mirror.length; i++) inner += mirror[i]! * other[top + i]!;
      for (let i = 0; i < mirror.length; i++) other[top + i]! -= (2 * inner * mirror[i]!) / size;
    }
    used.push(j);
    diagonal.push(alpha);
  }
  const weights = new Float64Array(k);
  for (let i = used.length - 1; i >= 0; i--) {
    let rest = right[i]!;
    for (const j of used.slice(i + 1)) rest -= columns[j]![i]! * weights[j]!;
    weights[used[i]!] = rest / diagonal[i]!;
  }
  return weights;
}

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
