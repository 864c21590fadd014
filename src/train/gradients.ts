/** A plan's gradient program over one state: it reads the weights there and writes the gradients there. */
import { SEED } from "../onnx/lower.ts";
import { fold } from "../random.ts";
import { openAddInto } from "../runtime/add-into.ts";
import type { Values } from "../runtime/engine.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import type { State } from "../runtime/state.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { type Carrier, createCarrier } from "./carrier.ts";
import { names, type Plan } from "./plan.ts";
import { createTableGradients } from "./table-gradients.ts";
import type { ReadRows } from "./table-rows.ts";

export interface Gradients {
  /** State that is carried from batch to batch. */
  readonly carried: Carrier;
  /** Of tables whose rows are added up here: those that hold a gradient, by name. */
  readonly tables: ReadonlyMap<string, ReadRows>;
  /**
   * Leaves the sum of the batches' gradients in the state; gives their mean loss and metrics. Batch 0 draws its random
   * numbers from `seed`, batch i from the seed's child i. Throws a NonFinite error that names `step` at the first loss
   * that is not a number.
   */
  sum(step: number, batches: readonly Values[], seed: number): Promise<Means>;
  close(): Promise<void>;
}

export interface Means {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** A loss or gradient that is not a number, found before the weights were touched. */
export class NonFinite extends Error {
  override readonly name = "NonFinite";
  /** The update that was not done. */
  readonly step: number;
  constructor(step: number, what: string) {
    super(`train: step ${step}: ${what}; the weights are as step ${step - 1} left them`);
    this.step = step;
  }
}

export async function openGradients(plan: Plan, state: State, options: ProgramOptions): Promise<Gradients> {
  const program = await openProgram(plan.gradients, { ...options, inPlace: true });
  const inputs = new Set(program.inputs.map(({ name }) => name));
  const weights = named(state.array("weight"), names.parameter).filter(([name]) => inputs.has(name));
  const byRows = new Set(plan.parameters.flatMap(({ name, byRows }) => (byRows ? [name] : [])));
  const dense = state.rows.filter(({ name, slices }) => slices["grad"] && !byRows.has(name));
  const tables = createTableGradients(plan, state);
  const addInto = openAddInto(state);
  const carried = createCarrier(plan.carried);
  const scalars = [names.loss, ...plan.metrics.map(names.metric)];
  const outputs: Values = {
    ...Object.fromEntries(dense.map(({ name, slices }) => [names.gradient(name), slices["grad"]!])),
    ...Object.fromEntries(scalars.map((name) => [name, zeros([])])),
    ...Object.fromEntries(plan.carried.map(({ name, dims }) => [names.carried(name), zeros(dims)])),
  };
  const feedsOf = (batch: Values, seed: number): Values => ({
    ...Object.fromEntries([...weights, ...named(Object.entries(batch), names.batch)]),
    ...carried.feeds,
    ...(inputs.has(SEED) && { [SEED]: { dtype: "uint32", dims: [], data: Uint32Array.of(seed) } }),
  });
  return {
    carried,
    tables: tables.rows,
    close: program.close,
    async sum(step, batches, seed) {
      const means = new Map(scalars.map((name) => [name, 0]));
      for (const [i, batch] of batches.entries()) {
        const feeds = feedsOf(batch, i === 0 ? seed : fold(seed, i));
        const out = await program.run(feeds, i === 0 ? { ...outputs, ...tables.into(feeds) } : {});
        if (i > 0) for (const row of dense) addInto(row, "grad", out[names.gradient(row.name)]!.data as Float32Array);
        tables.add(out, i === 0);
        for (const [name, mean] of means) means.set(name, mean + Number(out[name]!.data[0]) / batches.length);
        if (!Number.isFinite(means.get(names.loss)))
          throw new NonFinite(step, `the loss is ${out[names.loss]!.data[0]}`);
        carried.take(out);
      }
      const metrics = plan.metrics.map((name) => [name, means.get(names.metric(name))!] as const);
      return { loss: means.get(names.loss)!, metrics: Object.fromEntries(metrics) };
    },
  };
}

const zeros = (dims: readonly number[]): Value => ({ dtype: "float32", dims, data: new Float32Array(count(dims)) });

const named = <T extends Value>(of: Iterable<readonly [string, T]>, name: (key: string) => string): [string, T][] =>
  [...of].map(([key, x]) => [name(key), x]);
