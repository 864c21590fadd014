/**
 * Recurrence. The step is an ordinary function; whatever outer tensor it uses is found, has a gradient, and is computed
 * once. Backwards, the same loop runs in reverse over the step's own gradient.
 *
 * What need not be done step by step is done for all steps at once, outside: what depends on no carry (`overTime` of its
 * op), and sums over time of contractions (`sumOverTime`). The rules for that live in the ops.
 */
import { minus } from "../dims.ts";
import { dependents, pullBack, topologicalOrder } from "../grad.ts";
import {
  type DType,
  type Float,
  type Ids,
  input,
  item,
  need,
  type Shape,
  type SumOfSteps,
  several,
  shapeError,
  show,
  type Tensor,
} from "../tensor.ts";
import { atStep, tapSteps } from "../trace.ts";
import { add } from "./arithmetic.ts";
import { iota, zeros } from "./fill.ts";
import { broadcastTo } from "./reduce.ts";

type Same<C extends readonly Tensor[]> = {
  [K in keyof C]: C[K] extends Tensor<infer D extends DType> ? Tensor<D> : never;
};
type Floats<C> = { [K in keyof C]: Float };

/**
 * From carry₀, (carry, xₜ) ↦ (carry, yₜ) for each slice xₜ along the first axis of the xs; the ys are stacked: [T, ...].
 * `reverse` walks from the last slice to the first, and stacks the ys where their slices were.
 */
export function scan<
  const C extends readonly Float[],
  const X extends readonly Tensor[],
  const Y extends readonly Float[],
>(
  step: (carry: Floats<C>, x: Same<X>) => { readonly carry: Floats<C>; readonly ys: readonly [...Y] },
  init: C,
  xs: X,
  { reverse = false } = {},
): { readonly carry: Floats<C>; readonly ys: Floats<Y> } {
  const T = firstSize(xs);
  const before = init.map((c) => input(c.shape, c.dtype) as Float);
  const slices = new Map<Tensor, Tensor>(xs.map((x) => [input(x.shape.slice(1), x.dtype), x]));
  const xSlices = [...slices.keys()] as Same<X>;
  const number: Ids = input([], "int64"); // which step it is, for those that draw random numbers
  slices.set(number, iota(T));
  const taps = tapSteps(() => atStep(number, () => step(before as Floats<C>, xSlices)));
  const { carry, ys } = taps.result;
  carry.forEach((c, i) => {
    if (show(c) !== show(init[i]!))
      throw shapeError("scan", `carry ${i} enters the step as ${show(init[i]!)} and leaves it as ${show(c)}`);
  });
  const steps = loop({ T, before, after: carry, init, slices, outputs: [...ys, ...taps.values], reverse });
  taps.stack(steps.stack);
  return { carry: steps.last as unknown as Floats<C>, ys: ys.map((y) => steps.stack(y)) as unknown as Floats<Y> };
}

interface Traced {
  readonly T: Shape[number];
  readonly before: readonly Float[];
  readonly after: readonly Float[];
  readonly init: readonly Float[];
  /** Body tensors that stand for one slice of an outer tensor. */
  readonly slices: { has(x: Tensor): boolean; get(x: Tensor): Tensor | undefined };
  /** Body tensors that will be stacked. */
  readonly outputs: readonly Tensor[];
  readonly reverse: boolean;
}

interface Loop {
  readonly last: readonly Float[];
  /** A tensor of the body at every step: [T, ...]. */
  readonly stack: (x: Tensor) => Float;
}

/** The Scan node of a traced body. */
function loop({ T, before, after, init, slices, outputs, reverse }: Traced): Loop {
  const isCarry = new Set<Tensor>(before);
  const isLeaf = (x: Tensor) => isCarry.has(x) || slices.has(x);
  const all = topologicalOrder([...after, ...outputs], { has: isLeaf });
  const varying = dependents(all, all.filter(isLeaf));
  const lifted = lift(all, varying, slices);

  const ends = [...after, ...outputs.filter((y) => !lifted.has(y))];
  const stop = { has: (x: Tensor) => isLeaf(x) || lifted.has(x) || !varying.has(x) };
  const inside = new Set(topologicalOrder(ends, stop).filter((x) => varying.has(x)));
  const sliced: Tensor[] = [...inside].filter((x) => lifted.has(x));
  if (sliced.length === 0) {
    const number = input([], "int64"); // the operator insists on something to walk along
    lifted.set(number, iota(T));
    sliced.push(number);
  }
  const used = [...inside].flatMap((x) => (lifted.has(x) ? [] : x.inputs)).concat(after);
  const captured = [...new Set(used.filter((x) => !varying.has(x)))];

  const node: Tensor = several("Scan", [...init, ...sliced.map((x) => lifted.get(x)!), ...captured], {
    body: { before, after, slices: sliced, reverse },
    needs: need("scan", minus(T, 1), `there is no step to take: ${T} < 1`),
    itemsVjp: (dys, wanted) => backward(dys, wanted),
  });
  const last = init.map((c, i) => item(node, i, c.shape, c.dtype));
  const stacked = new Map<Tensor, Tensor>(lifted);
  const stack = (x: Tensor): Float => {
    let known = stacked.get(x);
    if (!known) {
      known = isInside(x) ? item(node, x, [T, ...x.shape], x.dtype) : broadcastTo(x, [T, ...x.shape]);
      stacked.set(x, known);
    }
    return known as Float;
  };
  const source = (x: Tensor) => (x.op === "item" ? x.inputs[0]! : x);
  const isInside = (x: Tensor) => isLeaf(x) || inside.has(source(x));
  const isKept = (x: Tensor) => isLeaf(x) || (isInside(x) && !source(x).moves);

  /** The reverse scan. A forward value that it uses is one of its slices, and is stacked by the forward scan for that. */
  function backward(dys: ReadonlyMap<Tensor, Float>, wanted: (x: Tensor) => boolean): (Float | null)[] {
    const seeds = new Map<Tensor, Float>();
    const perStep = new Map<Tensor, Tensor>();
    const addSeed = (x: Tensor, dx: Float): void => {
      seeds.set(x, seeds.has(x) ? add(seeds.get(x)!, dx) : dx);
    };
    const dAfter = after.map((c) => input(c.shape, c.dtype) as Float);
    for (const [i, c] of after.entries()) addSeed(c, dAfter[i]!);
    for (const [y, dy] of dys) {
      if (typeof y.which === "number") continue;
      const dyStep = input(dy.shape.slice(1), dy.dtype) as Float;
      perStep.set(dyStep, dy);
      addSeed(y.which!, dyStep);
    }
    const wantedInside = [...before, ...sliced.filter((x) => wanted(lifted.get(x)!)), ...captured.filter(wanted)];
    const made = [...inside].filter((x) => !lifted.has(x)); // what is made outside is differentiated outside
    const read = [...seeds.keys()].filter((x) => x.op === "item" && !inside.has(x)); // by a backward pass, and only there
    const cotangents = pullBack([...made, ...read], seeds, wantedInside);
    const sums = captured
      .filter((c) => wanted(c) && cotangents.has(c))
      .map((c) => ({ of: c, ...sumOfSteps(cotangents.get(c)!) }));
    const accumulated = sums.flatMap((s) => s.terms);
    const totals = accumulated.map((x) => input(x.shape, x.dtype) as Float);

    const back = loop({
      T,
      before: [...dAfter, ...totals],
      after: [
        ...before.map((c) => cotangents.get(c) ?? zeros(c.shape, c.dtype)),
        ...accumulated.map((x, i) => add(totals[i]!, x)),
      ],
      init: [
        ...init.map((c, i) => dys.get(last[i]!) ?? zeros(c.shape, c.dtype)),
        ...totals.map((x) => zeros(x.shape, x.dtype)),
      ],
      slices: {
        has: (x) => perStep.has(x) || isKept(x),
        get: (x) => perStep.get(x) ?? (isKept(x) ? stack(x) : undefined),
      },
      outputs: [...sliced.flatMap((x) => cotangents.get(x) ?? []), ...sums.flatMap((s) => s.operands)],
      reverse: !reverse,
    });
    const total = (x: Tensor) => back.last[init.length + accumulated.indexOf(x as Float)]!;
    const dCaptured = new Map(sums.map((s) => [s.of, s.sum(back.stack, total)]));
    return [
      ...back.last.slice(0, init.length),
      ...sliced.map((x) => {
        const dx = cotangents.get(x);
        return dx ? back.stack(dx) : null;
      }),
      ...captured.map((c) => dCaptured.get(c) ?? null),
    ];
  }
  return { last, stack };
}

/**
 * Those tensors of a body that need no carry, at all steps at once: [T, ...]. Sums and products of numbers only where
 * something heavier needs them: in the loop their inputs are in the cache, outside each is a pass over the memory.
 */
function lift(order: readonly Tensor[], varying: ReadonlySet<Tensor>, slices: Traced["slices"]): Map<Tensor, Tensor> {
  const lifted = new Map<Tensor, Tensor>();
  for (const x of order) {
    const known = slices.get(x);
    if (known) lifted.set(x, known);
    else if (varying.has(x) && x.overTime && x.inputs.every((i) => lifted.has(i) || !varying.has(i))) {
      const made = x.overTime(
        x.inputs.map((i) => lifted.get(i) ?? i),
        x.inputs.map((i) => lifted.has(i)),
      );
      if (made) lifted.set(x, made);
    }
  }
  const wanted = new Set<Tensor>(); // by what is lifted for its own sake
  for (const x of order.toReversed())
    if (lifted.has(x) && !slices.has(x) && (!x.light || wanted.has(x))) for (const i of x.inputs) wanted.add(i);
  for (const x of [...lifted.keys()]) if (x.light && !slices.has(x) && !wanted.has(x)) lifted.delete(x);
  return lifted;
}

/** Σₜ xₜ: as its op knows how, else added up step by step. */
const sumOfSteps = (x: Float): SumOfSteps =>
  x.sumOverTime?.() ?? { operands: [], terms: [x], sum: (_, total) => total(x) };

function firstSize(xs: readonly Tensor[]): Shape[number] {
  const [T, other] = new Set(xs.map((x) => x.shape[0]));
  if (T === undefined) throw shapeError("scan", "there is no tensor to walk along");
  if (other !== undefined) throw shapeError("scan", `tensors of different lengths: ${T} ≠ ${other}`);
  return T;
}
