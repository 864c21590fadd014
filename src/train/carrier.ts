/** What a program leaves for its next call, held between the calls: an output "carried/x" is then the input "batch/x". */
import type { Values } from "../runtime/engine.ts";
import type { Program } from "../runtime/program.ts";
import type { Value } from "../tensor/dtype.ts";
import { count } from "../tensor/dtype.ts";
import { names } from "./plan.ts";

export interface Carrier {
  /** By name, zeros at first; views, which `take` changes. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
  readonly feeds: Values;
  /** Hold what a call has left. */
  take(outputs: Values): void;
}

export function createCarrier(states: readonly { readonly name: string; readonly dims: readonly number[] }[]): Carrier {
  const tensors = new Map(states.map(({ name, dims }) => [name, { shape: dims, data: new Float32Array(count(dims)) }]));
  const feeds: Record<string, Value> = {};
  for (const [name, { shape, data }] of tensors) feeds[names.batch(name)] = { dtype: "float32", dims: shape, data };
  return {
    tensors,
    feeds,
    take(outputs) {
      for (const [name, { data }] of tensors) data.set(outputs[names.carried(name)]!.data as Float32Array);
    },
  };
}

/** A program that is run on one batch after the other, each going on where the last ended if its rows say so. */
export function runCarried({
  outputs,
  run,
}: Pick<Program, "outputs" | "run">): (feeds: Values) => ReturnType<Program["run"]> {
  const prefix = names.carried("");
  const carried = outputs.filter(({ name }) => name.startsWith(prefix));
  if (carried.length === 0) return (feeds) => run(feeds);
  let carrier: Carrier | undefined;
  let rows = -1;
  return async (feeds) => {
    const here = feeds[names.batch("continues")]!.dims[0]!;
    if (here !== rows)
      carrier = createCarrier(
        carried.map(({ name, dims }) => ({
          name: name.slice(prefix.length),
          dims: dims.map((d) => (d === "batch" ? here : Number(d))),
        })),
      );
    rows = here;
    const out = await run({ ...feeds, ...carrier!.feeds });
    carrier!.take(out);
    return out;
  };
}
