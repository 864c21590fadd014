/** A plan's updates over one state: kernels made for each of its memories, programs opened once. */
import { instantiateAll, type Kernel, sumOfSquares } from "../runtime/kernel.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { scalarsOf } from "../runtime/scalars.ts";
import type { Row, State } from "../runtime/state.ts";
import type { Value } from "../tensor/dtype.ts";
import type { Plan } from "./plan.ts";
import { type ReadRows, type TableRows, tableRows } from "./table-rows.ts";
import { nextOf, type Update, type UpdateScalars } from "./update.ts";

export interface Updates {
  /** The norm of all gradients together, in double precision. */
  gradientNorm(): number;
  /** One step of every learned parameter, in place. */
  apply(scalars: UpdateScalars): Promise<void>;
  close(): Promise<void>;
}

/** `tables`: those of which the rows with a gradient are known, by name. Throws what opening an update's program throws. */
export async function openUpdates(
  plan: Plan,
  state: State,
  options: ProgramOptions,
  tables: ReadonlyMap<string, ReadRows> = new Map(),
): Promise<Updates> {
  const appliers = await Promise.all(
    plan.updates.map((update) => ("kernel" in update ? kernelApplier(update, state) : programApplier(update, options))),
  );
  const squares = instantiateAll(sumOfSquares(), state.memories);
  const learned = state.rows.flatMap((row, i) => {
    const { update } = plan.parameters[i]!;
    const read = tables.get(row.name);
    return update === undefined ? [] : [{ row, applier: appliers[update]!, table: read && tableRows(row, read) }];
  });
  return {
    gradientNorm() {
      let sum = 0;
      for (const { row, table } of learned) {
        const { offset } = row.slices["grad"]!;
        const add = (start: number, bytes: number) => {
          sum += squares.get(row.memory)!(offset + start, bytes);
        };
        if (table) table.eachWithGradient(add);
        else add(0, row.bytes);
      }
      return Math.sqrt(sum);
    },
    async apply(scalars) {
      for (const { prepare } of appliers) prepare(scalars);
      for (const { row, applier, table } of learned) {
        const running = applier.run(row, table);
        if (running) await running; // loops alone are one step, which nobody sees the middle of
      }
    },
    async close() {
      for (const { close } of appliers) await close();
    },
  };
}

interface Applier {
  /** Once a step, for all parameters that it is applied to. */
  prepare(scalars: UpdateScalars): void;
  run(row: Row, table: TableRows | undefined): Promise<void> | undefined;
  close(): Promise<void>;
}

function kernelApplier({ kernel, idle }: Extract<Update, { kernel: unknown }>, state: State): Applier {
  const full = createLoop(kernel, state);
  const ofWeights = idle && createLoop(idle, state);
  let step = 0;
  return {
    prepare(scalars) {
      step = scalars.t;
      full.prepare(scalars);
      ofWeights?.prepare(scalars);
    },
    run(row, table) {
      if (table && ofWeights) table.update(step, full.of(row), ofWeights.of(row));
      else full.of(row)(0, row.bytes);
      return undefined;
    },
    close: async () => {},
  };
}

/** A kernel on parts of a parameter's arrays, with one step's scalars. */
function createLoop(kernel: Kernel, state: State) {
  const runs = instantiateAll(kernel.code, state.memories);
  let passed: readonly number[] = [];
  return {
    prepare(scalars: UpdateScalars): void {
      passed = scalarsOf(kernel, { ...scalars });
    },
    of({ memory, slices }: Row): (start: number, bytes: number) => void {
      const offsets = kernel.arrays.map((array) => slices[array]!.offset);
      const run = runs.get(memory)!;
      return (start, bytes) => run(...offsets.map((offset) => offset + start), bytes, ...passed);
    },
  };
}

async function programApplier(
  { program: onnx, slots }: Extract<Update, { program: unknown }>,
  options: ProgramOptions,
): Promise<Applier> {
  const program = await openProgram(onnx, options);
  let scalars: Readonly<Record<string, Value>> = {};
  return {
    prepare(values) {
      const value = (x: number): Value => ({ dtype: "float32", dims: [], data: Float32Array.of(x) });
      scalars = Object.fromEntries(Object.entries(values).map(([name, x]) => [name, value(x)]));
    },
    async run({ slices }) {
      const next = await program.run({ ...slices, ...scalars }); // fresh: it must not write what it reads
      for (const array of ["weight", ...slots]) slices[array]!.data.set(next[nextOf(array)]!.data as Float32Array);
    },
    close: program.close,
  };
}
