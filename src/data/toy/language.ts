/**
 * A grammar's texts, one after another without end, as a source whose entropy is known: what a model's loss is held
 * against. The entropy rate is the entropy of the next character given the belief that the past leaves, averaged over
 * how often each belief is visited (Shannon 1948, theorem 5).
 */
import { keyOf, uniform } from "../../random.ts";
import { type Belief, beliefs, type Rules } from "./grammar.ts";

/** Entropies and losses are in nats. */
export interface Language {
  /** Every character that occurs, sorted. */
  readonly alphabet: string;
  /** Of a character, given everything before it. */
  readonly entropyRate: number;
  /** Of a whole text; `entropyRate` times the mean length. */
  readonly textEntropy: number;
  readonly meanLength: number;
  /** The first `length` characters of the endless text that a seed gives. */
  generate(seed: number, length: number): string;
  /** ln p of what an endless text begins with; -Infinity for what it cannot. */
  logProbability(beginning: string): number;
  /**
   * The least loss a character that any model can expect in blocks cut out of the endless text anywhere: the mean over
   * t = 1 … `blockSize` of the entropy of a character given the t before it. It is above `entropyRate`, since what
   * stands before a block is not known.
   */
  floor(blockSize: number): number;
  /**
   * What `floor` expects, for a text at hand: the mean of -ln p of its characters after the first, each given those
   * before it in its block, as `evaluationBlocks` cuts them. The text's own luck moves it as it moves a model's loss.
   */
  blockLoss(text: string, blockSize: number): number;
}

/** Throws what `beliefs` throws, and for a text that may end where another goes on. */
export function language(rules: Rules, start: string): Language {
  const belief = beliefs(rules, start);
  const origin = belief([["", 1]]);
  const visits = visitsOf(origin);
  const meanLength = sum(visits.values());
  const textEntropy = sum([...visits].map(([at, visits]) => visits * at.entropy));
  /** What is known at a place in the endless text if nothing before it is. */
  const blind = belief(
    [...visits].flatMap(([{ rests }, visits]) => rests.map(([rest, p]) => [rest, visits * p] as const)),
  );

  return {
    alphabet: [...new Set([...visits.keys()].flatMap(({ arcs }) => [...arcs.keys()]))].sort().join(""),
    entropyRate: textEntropy / meanLength,
    textEntropy,
    meanLength,
    generate(seed, length) {
      const key = keyOf(seed, "language");
      let text = "";
      for (let at = origin; text.length < length; ) {
        const [char, after] = choose(at.arcs, uniform(key, text.length));
        text += char;
        at = after;
      }
      return text.slice(0, length);
    },
    logProbability: (beginning) => -sum(losses(origin, beginning)),
    floor(blockSize) {
      let loss = 0;
      let mass: ReadonlyMap<Belief, number> = next(new Map([[blind, 1]]));
      for (let t = 1; t <= blockSize; t++) {
        loss += sum([...mass].map(([at, p]) => p * at.entropy));
        mass = next(mass);
      }
      return loss / blockSize;
    },
    blockLoss(text, blockSize) {
      let loss = 0;
      for (let begin = 0; begin + 1 < text.length; begin += blockSize)
        loss += sum(losses(blind, text.slice(begin, begin + blockSize + 1)).slice(1));
      return loss / (text.length - 1);
    },
  };
}

/** How often a text is expected to come through each belief. */
function visitsOf(origin: Belief): Map<Belief, number> {
  const visits = new Map<Belief, number>();
  for (let mass = new Map([[origin, 1]]); mass.size > 0; mass = next(mass), mass.delete(origin))
    for (const [at, p] of mass) {
      if (at !== origin && at.rests.some(([rest]) => rest === ""))
        throw new Error("grammar: a text may end where another goes on; end all with a mark of their own, such as \\n");
      visits.set(at, (visits.get(at) ?? 0) + p);
    }
  return visits;
}

/** Where the endless text may be a character later. */
function next(mass: ReadonlyMap<Belief, number>): Map<Belief, number> {
  const after = new Map<Belief, number>();
  for (const [{ arcs }, p] of mass)
    for (const { belief, probability } of arcs.values()) after.set(belief, (after.get(belief) ?? 0) + p * probability);
  return after;
}

/** -ln p of each character, from a belief on. */
function losses(at: Belief, text: string): number[] {
  const made: number[] = [];
  for (const char of text) {
    const arc = at.arcs.get(char);
    if (!arc) return [...made, Number.POSITIVE_INFINITY];
    made.push(-Math.log(arc.probability));
    at = arc.belief;
  }
  return made;
}

/** The character at u in [0, 1), and what comes after it. */
function choose(arcs: Belief["arcs"], u: number): readonly [char: string, after: Belief] {
  let chosen: readonly [string, Belief] | undefined;
  for (const [char, { probability, belief }] of arcs) {
    chosen = [char, belief];
    u -= probability;
    if (u < 0) break;
  }
  return chosen!;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
