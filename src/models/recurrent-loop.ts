/** A recurrent decoder over a whole target: with the true tokens before each, or with some that it chose itself. */
import { add, argmax, cast, type Float, type Ids, mul, scan, slice, squeeze, sub, unsqueeze } from "../tensor/index.ts";
import type { Source, Step } from "./recurrent-decoder.ts";

export interface Written {
  /** What each next token is predicted from. [T, B, O] */
  readonly output: Float;
  /** How the source was read at each step. [T, B, S] */
  readonly weights: Float | undefined;
  /** What a further step would begin with. */
  readonly carry: readonly Float[];
}

/** Every step reads the true token before it: teacher forcing (Williams & Zipser 1989). targets [T, B, E], embedded. */
export function teacherForced(step: Step, targets: Float, start: readonly Float[], source: Source): Written {
  const { carry, ys } = scan(
    (carry, [y]) => {
      const { carry: next, output, weights } = step(y, carry, source);
      return { carry: next, ys: told(output, weights) };
    },
    start,
    [targets],
  );
  return { output: ys[0]!, weights: ys[1], carry };
}

interface Choosing {
  /** The true tokens before each step. [T, B] */
  readonly ids: Ids;
  /** 1 where a step reads the true token, 0 where the likeliest of the step before it. [T, B] */
  readonly forced: Float;
  readonly embed: (ids: Ids) => Float;
  /** [B, O] → [B, V] */
  readonly predict: (output: Float) => Float;
}

/**
 * Some steps read what the model itself finds likeliest, so that it learns to go on from its own mistakes (Bengio et al.
 * 2015, arXiv:1506.03099, §2.3). No gradient passes the choice. `output` is the logits: [T, B, V].
 */
export function scheduledSampling(
  step: Step,
  { ids, forced, embed, predict }: Choosing,
  start: readonly Float[],
  source: Source,
): Written {
  const first = cast(squeeze(slice(ids, 0, 0, 1), 0), "float32"); // a carry is a float; an id below 2²⁴ is exact
  const { carry, ys } = scan(
    ([chosen, ...carry], [y, force]) => {
      const share = unsqueeze(force, 1); // [B, 1]
      const read = add(mul(share, y), mul(sub(1, share), embed(cast(chosen!, "int64")))); // [B, E]
      const { carry: next, output, weights } = step(read, carry, source);
      const scores = predict(output); // [B, V]
      const likeliest = cast(argmax(scores, -1), "float32");
      return { carry: [likeliest, ...next], ys: told(scores, weights) };
    },
    [first, ...start],
    [embed(ids), forced],
  );
  return { output: ys[0]!, weights: ys[1], carry: carry.slice(1) };
}

const told = (output: Float, weights: Float | undefined): readonly Float[] => (weights ? [output, weights] : [output]);
