/**
 * Sizes, known or not. A Dim is a number, a named symbol, or an integer polynomial of symbols and `floorDiv` terms,
 * written in one way only, so that equal sizes are equal values: 12, "time", "2*batch*time - 1", "floorDiv(time + 3, 4)".
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A Dim in its canonical form; throws for text that is none. */
export const dim = (d: Dim): Dim => text(poly(d));
export const plus = (a: Dim, b: Dim): Dim => (bothNumbers(a, b) ? a + (b as number) : text(sum(poly(a), poly(b))));
export const minus = (a: Dim, b: Dim): Dim => plus(a, times(-1, b));
export const times = (a: Dim, b: Dim): Dim =>
  bothNumbers(a, b) ? a * (b as number) + 0 : text(product(poly(a), poly(b))); // + 0: no −0
/** a / b if b divides a whatever the symbols are, else undefined. */
export const divide = (a: Dim, b: Dim): Dim | undefined => {
  const q = quotient(poly(a), poly(b));
  return q && text(q);
};
/** ⌊a / b⌋; a is a size, so never negative. */
export const floorDiv = (a: Dim, b: Dim): Dim => text(floor(poly(a), poly(b)));
export const ceilDiv = (a: Dim, b: Dim): Dim => floorDiv(minus(plus(a, b), 1), b);
/** The number of elements. */
export const sizeOf = (shape: Shape): Dim => shape.reduce(times, 1);
export const evaluate = (d: Dim, symbol: (name: string) => number): number =>
  compute(d, {
    number: (n) => n,
    symbol,
    add: (a, b) => a + b,
    mul: (a, b) => a * b,
    floorDiv: (a, b) => Math.floor(a / b),
  });

const bothNumbers = (a: Dim, b: Dim): a is number => typeof a === "number" && typeof b === "number";

/** Any arithmetic a Dim can be computed in: numbers (to evaluate it), graph nodes (to lower it), polynomials (to simplify it). */
export interface Arithmetic<T> {
  number(n: number): T;
  symbol(name: string): T;
  add(a: T, b: T): T;
  mul(a: T, b: T): T;
  floorDiv(a: T, b: T): T;
}

export function compute<T>(d: Dim, on: Arithmetic<T>): T {
  if (typeof d === "number") return on.number(d);
  const factor = (f: string): T => {
    const [a, b] = floorTerm(f) ?? [];
    if (a !== undefined && b !== undefined) return on.floorDiv(compute(a, on), compute(b, on));
    if (/^-?\d+$/.test(f)) return on.number(Number(f));
    if (/^[A-Za-z_]\w*$/.test(f)) return on.symbol(f);
    throw new Error(`"${d}" is not a size: a size is a number, a name, or sums and products of them`);
  };
  const term = (t: string) =>
    split(t.replace(/^-(?=\D)/, "-1*"), "*")
      .map(factor)
      .reduce(on.mul);
  return split(d.replaceAll(" - ", " + -"), "+").map(term).reduce(on.add);
}

// ---- polynomials: monomial ("batch*time", "" for the constant) → coefficient ------------------
type Poly = ReadonlyMap<string, number>;

const known = new Map<Dim, Poly>(); // a model has few sizes, and asks for them thousands of times

function poly(d: Dim): Poly {
  let p = known.get(d);
  if (!p) {
    p = compute(d, {
      number: (n) => collect([["", n]]),
      symbol: (name) => new Map([[name, 1]]),
      add: sum,
      mul: product,
      floorDiv: floor,
    });
    known.set(d, p);
  }
  return p;
}

/** Terms with equal monomials become one; the order is by degree, then by name. */
function collect(terms: Iterable<readonly [string, number]>): Poly {
  const total = new Map<string, number>();
  for (const [m, n] of terms) total.set(m, (total.get(m) ?? 0) + n);
  return new Map(
    [...total].filter(([, n]) => n !== 0).sort(([a], [b]) => factors(b).length - factors(a).length || (a < b ? -1 : 1)),
  );
}

function sum(a: Poly, b: Poly): Poly {
  return collect([...a, ...b]);
}

function product(a: Poly, b: Poly): Poly {
  return collect(
    [...a].flatMap(([m, x]) =>
      [...b].map(([n, y]) => [[...factors(m), ...factors(n)].sort().join("*"), x * y] as const),
    ),
  );
}

/** Long division: the quotient, if nothing is left. */
function quotient(a: Poly, b: Poly): Poly | undefined {
  const [[lead, by] = ["", 0]] = b;
  let q: Poly = new Map(),
    rest = a;
  while (rest.size > 0) {
    const [[monomial, n] = ["", 0]] = rest;
    const left = without(monomial, lead);
    if (left === undefined || n % by !== 0) return undefined;
    q = sum(q, new Map([[left, n / by]]));
    rest = sum(rest, product(new Map([[left, -n / by]]), b));
  }
  return q;
}

/** ⌊a / n⌋: what n divides is taken out, ⌊(⌊x / m⌋ + k) / n⌋ is ⌊(x + k m) / (m n)⌋, and the rest is one opaque term. */
function floor(a: Poly, b: Poly): Poly {
  const exact = quotient(a, b),
    n = text(b);
  if (exact) return exact;
  if (typeof n === "string") return new Map([[`floorDiv(${text(a)}, ${n})`, 1]]);
  const whole = collect([...a].map(([m, c]) => [m, Math.floor(c / n)]));
  const rest = sum(a, product(whole, poly(-n)));
  const [[monomial, c] = ["", 0], ...others] = rest;
  if (monomial === "") return whole;
  const [x, m] = floorTerm(monomial) ?? [];
  if (x !== undefined && c === 1 && others.every(([m]) => m === "") && Number(m) > 0)
    return sum(whole, floor(sum(poly(x), product(collect(others), poly(Number(m)))), poly(n * Number(m))));
  return sum(whole, new Map([[`floorDiv(${text(rest)}, ${n})`, 1]]));
}

const factors = (monomial: string) => (monomial === "" ? [] : split(monomial, "*"));

/** "floorDiv(a, b)" → [a, b]. */
const floorTerm = (f: string) =>
  factors(f).length === 1 && f.startsWith("floorDiv(") ? split(f.slice(9, -1), ",") : undefined;

/** The monomial m / n, if n is part of m. */
function without(m: string, n: string): string | undefined {
  const left = factors(m);
  for (const f of factors(n)) {
    const at = left.indexOf(f);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left.join("*");
}

function text(p: Poly): Dim {
  if ([...p.keys()].every((m) => m === "")) return p.get("") ?? 0;
  const term = ([m, n]: [string, number]) => (m === "" ? `${n}` : n === 1 ? m : n === -1 ? `-${m}` : `${n}*${m}`);
  return [...p].map(term).join(" + ").replaceAll("+ -", "- ");
}

/** Split at a character, outside parentheses. */
function split(s: string, at: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const c of s) {
    depth += Number(c === "(") - Number(c === ")");
    if (c === at && depth === 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts.map((part) => part.trim());
}
