/**
 * A probabilistic grammar, read from left to right. What may still follow a piece of text is a distribution over rests
 * of derivations: a belief. Each character turns one belief into another, and as no rule contains itself, there are
 * finitely many. They are the language's causal states (Shalizi and Crutchfield 2001, "Computational mechanics"): the
 * next character's chances given the whole past depend on the belief alone, however many derivations a text has.
 */

/**
 * What each symbol may become: alternatives of equal weight, or alternatives with their weights. `{name}` in an
 * alternative stands for a symbol, all else for itself: `{ greeting: ["Hello {who}.\n"], who: { Anna: 2, Tom: 1 } }`.
 */
export type Rules = Readonly<Record<string, readonly string[] | Readonly<Record<string, number>>>>;

/** What is left of a derivation, such as `{noun} {verb}.`, and how probable it is; "" where the next text begins. */
export type Rest = readonly [rest: string, probability: number];

export interface Belief {
  readonly rests: readonly Rest[];
  /** Next character → how probable it is, and the belief after it. */
  readonly arcs: ReadonlyMap<string, Arc>;
  /** Of the next character, in nats. */
  readonly entropy: number;
}
export interface Arc {
  readonly probability: number;
  readonly belief: Belief;
}

/**
 * Makes beliefs about texts of `start`, written one after another without end; equal ones are the same object. Throws
 * for a symbol without a rule, one that contains itself, and a text that may be empty.
 */
export function beliefs(rules: Rules, start: string): (rests: Iterable<Rest>) => Belief {
  check(rules, start);
  const known = new Map<string, Belief>();
  const derived = new Map<string, readonly Rest[]>();

  /** The same rest, but beginning with a character. */
  const derive = (rest: string): readonly Rest[] => {
    if (!rest.startsWith("{")) return [[rest, 1]];
    const end = rest.indexOf("}");
    const made =
      derived.get(rest) ??
      alternatives(rules, rest.slice(1, end)).flatMap(([text, p]) =>
        derive(text + rest.slice(end + 1)).map(([first, q]): Rest => [first, p * q]),
      );
    derived.set(rest, made);
    return made;
  };

  const follow = (rests: readonly Rest[]): ReadonlyMap<string, Arc> => {
    const after = new Map<string, Rest[]>();
    for (const [rest, p] of rests)
      for (const [text, q] of derive(rest === "" ? `{${start}}` : rest)) {
        const char = String.fromCodePoint(text.codePointAt(0)!);
        if (!after.has(char)) after.set(char, []);
        after.get(char)!.push([text.slice(char.length), p * q]);
      }
    const arc = (rests: readonly Rest[]): Arc => ({ probability: total(rests), belief: belief(rests) });
    return new Map([...after].map(([char, rests]) => [char, arc(rests)]));
  };

  const belief = (rests: Iterable<Rest>): Belief => {
    const merged = new Map<string, number>();
    for (const [rest, p] of rests) merged.set(rest, (merged.get(rest) ?? 0) + p);
    const all = total([...merged]);
    const sorted = [...merged].map(([rest, p]): Rest => [rest, p / all]).sort(([a], [b]) => (a < b ? -1 : 1));
    const name = sorted.map(([rest, p]) => `${p.toPrecision(10)} ${rest}`).join("\0"); // sums in another order are equal too
    const made = known.get(name) ?? lazy(sorted, follow);
    known.set(name, made);
    return made;
  };
  return belief;
}

function lazy(rests: readonly Rest[], follow: (rests: readonly Rest[]) => Belief["arcs"]): Belief {
  let arcs: Belief["arcs"] | undefined;
  let entropy: number | undefined;
  return {
    rests,
    get arcs() {
      arcs ??= follow(rests);
      return arcs;
    },
    get entropy() {
      entropy ??= [...this.arcs.values()].reduce((sum, { probability: p }) => sum - p * Math.log(p), 0);
      return entropy;
    },
  };
}

const total = (weighted: readonly (readonly [string, number])[]): number => weighted.reduce((sum, [, p]) => sum + p, 0);

/** A symbol's alternatives with their probabilities. */
function alternatives(rules: Rules, symbol: string): Rest[] {
  const rule = Object.hasOwn(rules, symbol) ? rules[symbol] : undefined;
  if (rule === undefined) throw new Error(`grammar: there is no rule for {${symbol}}`);
  const weighted = Array.isArray(rule) ? rule.map((text: string) => [text, 1] as const) : Object.entries(rule);
  return weighted.map(([text, weight]) => [text, weight / total(weighted)]);
}

/** Whether a symbol may become the empty text; walks all that is below it. */
function check(rules: Rules, symbol: string, above: readonly string[] = []): boolean {
  const path = [...above, symbol];
  if (above.includes(symbol)) throw new Error(`grammar: {${symbol}} contains itself (${path.join(" → ")})`);
  const empty = alternatives(rules, symbol).map(([text]) => {
    const parts = [...text.matchAll(/\{(.*?)\}/g)].map(([, part]) => check(rules, part!, path));
    return text.replaceAll(/\{.*?\}/g, "") === "" && parts.every(Boolean);
  });
  if (above.length === 0 && empty.some(Boolean)) throw new Error(`grammar: a text of {${symbol}} may be empty`);
  return empty.some(Boolean);
}
