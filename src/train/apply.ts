/** A plan's updates over one state: kernels made for each of its memories, programs opened once. */
import { instantiateAll, sumOfSquares } from "../runtime/kernel.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { scalarsOf } from "../runtime/scalars.ts";
import type { Row, State } from "../runtime/state.ts";
import type { Value } from "../tensor/dtype.ts";
import type { Plan } from "./plan.ts";
import { nextOf, type Update, type UpdateScalars } from "./update.ts";

export interface Updates {
  /** The norm of all gradients together, in double precision. */
  gradientNorm(): number;
  /** One step of every learned parameter, in place. */
  apply(scalars: UpdateScalars): Promise<void>;
  close(): Promise<void>;
}

/** Throws what opening an update's program throws. */
export async function openUpdates(plan: Plan, state: State, options: ProgramOptions): Promise<Updates> {
  const appliers = await Promise.all(
    plan.updates.map((update) => ("kernel" in update ? kernelApplier(update, state) : programApplier(update, options))),
  );
  const squares = instantiateAll(sumOfSquares(), state.memories);
  const learned = state.rows.flatMap((row, i) => {
    const { update } = plan.parameters[i]!;
    return update === undefined ? [] : [{ row, applier: appliers[update]! }];
  });
  return {
    gradientNorm: () =>
      Math.sqrt(
        learned.reduce((sum, { row }) => sum + squares.get(row.memory)!(row.slices["grad"]!.offset, row.bytes), 0),
      ),
    async apply(scalars) {
      for (const { prepare } of appliers) prepare(scalars);
      for (const { row, applier } of learned) {
        const running = applier.run(row);
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
  run(row: Row): Promise<void> | undefined;
  close(): Promise<void>;
}

function kernelApplier({ kernel }: Extract<Update, { kernel: unknown }>, state: State): Applier {
  const runs = instantiateAll(kernel.code, state.memories);
  let passed: readonly number[] = [];
  return {
    prepare(scalars) {
      passed = scalarsOf(kernel, { ...scalars });
    },
    run(row) {
      const offsets = kernel.arrays.map((array) => row.slices[array]!.offset);
      runs.get(row.memory)!(...offsets, row.bytes, ...passed);
      return undefined;
    },
    close: async () => {},
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
