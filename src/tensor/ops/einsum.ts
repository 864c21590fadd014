/** Einstein's summation: products of tensors whose axes are named, summed over every name that the result lacks. */
import { type Dim, sizeOf } from "../dims.ts";
import { type Float, shapeError, show } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { permute, reshape } from "./shape.ts";

/**
 * `einsum("b t h d, b s h d -> b h t s", q, k)`: names are separated by spaces. A pattern without a space inside any
 * term is read letter by letter, as NumPy's: `einsum("ij,jk->ik", a, b)`. Any number of operands, multiplied from left to
 * right. A name's size is the same wherever it stands, and a term has it once (no diagonals).
 */
export function einsum(pattern: string, ...xs: readonly Float[]): Float {
  const fail = (why: string) => shapeError("einsum", `"${pattern}": ${why}`);
  const { from, to } = parse(pattern, fail);
  if (from.length !== xs.length) throw fail(`${from.length} terms ≠ ${xs.length} tensors`);
  const terms = from.map((names, i): Term => ({ names, x: xs[i]! }));
  checkSizes(terms, fail);
  const known = new Set(from.flat());
  for (const [i, name] of to.entries()) {
    if (!known.has(name)) throw fail(`no tensor has ${name}`);
    if (to.indexOf(name) !== i) throw fail(`${name} stands twice in the result`);
  }
  const needed = (i: number) => new Set([...to, ...from.slice(i + 1).flat()]);
  const product = terms.reduce((a, b, i) => contract(a, b, needed(i)));
  return ordered(summed(product, new Set(to)), to);
}

/** A tensor and its axes' names. */
interface Term {
  readonly names: readonly string[];
  readonly x: Float;
}
type Fail = (why: string) => Error;

function parse(pattern: string, fail: Fail) {
  const sides = pattern.split("->").map((side) => side.split(",").map((term) => term.trim()));
  const [from, [to, more] = []] = sides;
  if (sides.length !== 2 || !from || to === undefined || more !== undefined)
    throw fail('it is not "names, names -> names"');
  const spaced = [...from, to].some((term) => /\s/.test(term));
  const names = (term: string) => (spaced ? term.split(/\s+/).filter((name) => name !== "") : [...term]);
  return { from: from.map(names), to: names(to) };
}

function checkSizes(terms: readonly Term[], fail: Fail): void {
  const first = new Map<string, { readonly size: Dim; readonly x: Float }>();
  for (const { names, x } of terms) {
    if (names.length !== x.shape.length) throw fail(`(${names.join(" ")}) wants rank ${names.length}, got ${show(x)}`);
    names.forEach((name, axis) => {
      if (names.indexOf(name) !== axis)
        throw fail(`${name} stands twice in (${names.join(" ")}); a diagonal is not read`);
      const size = x.shape[axis]!;
      const known = first.get(name);
      if (known && known.size !== size)
        throw fail(`${name} is ${known.size} in ${show(known.x)} and ${size} in ${show(x)}: ${known.size} ≠ ${size}`);
      if (!known) first.set(name, { size, x });
    });
  }
}

/** Two terms as one, summed over the names that are not `needed` any more. */
function contract(one: Term, two: Term, needed: ReadonlySet<string>): Term {
  const a = summed(one, new Set([...needed, ...two.names]));
  const b = summed(two, new Set([...needed, ...one.names]));
  const both = a.names.filter((name) => b.names.includes(name));
  const batch = both.filter((name) => needed.has(name));
  const inner = both.filter((name) => !needed.has(name));
  const left = a.names.filter((name) => !both.includes(name));
  const right = b.names.filter((name) => !both.includes(name));
  const size = (name: string) =>
    (a.names.includes(name) ? a.x.shape[a.names.indexOf(name)] : b.x.shape[b.names.indexOf(name)])!;
  const [B, L, R] = [batch, left, right].map((names) => names.map(size)) as [Dim[], Dim[], Dim[]];
  const K = sizeOf(inner.map(size));
  const names = [...batch, ...left, ...right];
  if (inner.length === 0) {
    const ones = (of: readonly string[]) => of.map(() => 1);
    const x = reshape(ordered(a, [...batch, ...left]), [...B, ...L, ...ones(right)]);
    const y = reshape(ordered(b, [...batch, ...right]), [...B, ...ones(left), ...R]);
    return { names, x: mul(x, y) };
  }
  const x = reshape(ordered(a, [...batch, ...left, ...inner]), [...B, sizeOf(L), K]);
  const y = reshape(ordered(b, [...batch, ...inner, ...right]), [...B, K, sizeOf(R)]);
  return { names, x: reshape(matmul(x, y), [...B, ...L, ...R]) };
}

/** Σ over the names that are not kept. */
function summed({ names, x }: Term, kept: ReadonlySet<string>): Term {
  const gone = names.flatMap((name, axis) => (kept.has(name) ? [] : [axis]));
  return { names: names.filter((name) => kept.has(name)), x: sum(x, gone) };
}

const ordered = ({ names, x }: Term, to: readonly string[]): Float =>
  permute(
    x,
    to.map((name) => names.indexOf(name)),
  );
