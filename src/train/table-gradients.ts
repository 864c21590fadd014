/**
 * Gradients of tables of which a batch reads few rows, embeddings of words: the program gives the gradients of what was
 * read, and they are added up here, where the table's gradient lies. The other rows stay 0, so that only what the batch
 * before has left is cleared, and a table of millions of numbers is not written anew at every step.
 */
import type { Values } from "../runtime/engine.ts";
import { type Sizes, sizeOf, sizesIn } from "../runtime/feeds.ts";
import type { State } from "../runtime/state.ts";
import type { Dim } from "../tensor/dims.ts";
import { names, type Plan } from "./plan.ts";
import type { ReadRows } from "./table-rows.ts";

export interface TableGradients {
  /** By table: the rows that are not 0. */
  readonly rows: ReadonlyMap<string, ReadRows>;
  /** Where the program is to write rows and ids for these feeds; good until the next call. */
  into(feeds: Values): Values;
  /** What it has written is added to the state's gradients: to zeros, if this is a step's first batch. */
  add(outputs: Values, isFirst: boolean): void;
}

export function createTableGradients(plan: Plan, state: State): TableGradients {
  const { inputs, outputs } = plan.gradients;
  const grads = state.array("grad");
  const tables = plan.parameters
    .filter(({ byRows }) => byRows)
    .map(({ name, dims }) => {
      const [n] = outputs.find((output) => output.name === names.ids(name))!.dims;
      return tableOf(name, dims, grads.get(name)!.data, n!);
    });
  return {
    rows: new Map(tables.map(({ name, read }) => [name, read])),
    into(feeds) {
      if (tables.length === 0) return {};
      const sizes = sizesIn(inputs, feeds);
      return Object.fromEntries(tables.flatMap((table) => table.into(sizes)));
    },
    add(outputs, isFirst) {
      for (const table of tables) table.add(outputs, isFirst);
    },
  };
}

/** A table [V, C] of which a program gives `count` rows. */
function tableOf(name: string, [V, C]: readonly number[], grad: Float32Array, count: Dim) {
  const startOf = (id: bigint) => C! * (id < 0 ? Number(id) + V! : Number(id));
  let [rowsRoom, idsRoom] = [new Float32Array(0), new BigInt64Array(0)]; // for the largest batch so far
  const written = new Set<number>(); // where the rows begin that are not 0
  return {
    name,
    read: { width: C!, starts: written },
    into(sizes: Sizes): [string, Values[string]][] {
      const n = sizeOf(count, sizes);
      if (n > idsRoom.length) [rowsRoom, idsRoom] = [new Float32Array(n * C!), new BigInt64Array(n)];
      return [
        [names.rows(name), { dtype: "float32", dims: [n, C!], data: rowsRoom.subarray(0, n * C!) }],
        [names.ids(name), { dtype: "int64", dims: [n], data: idsRoom.subarray(0, n) }],
      ];
    },
    add(outputs: Values, isFirst: boolean): void {
      if (isFirst) {
        for (const start of written) grad.fill(0, start, start + C!);
        written.clear();
      }
      const rows = outputs[names.rows(name)]!.data as Float32Array;
      const ids = outputs[names.ids(name)]!.data as BigInt64Array;
      for (const [i, id] of ids.entries()) {
        const start = startOf(id);
        written.add(start);
        for (let c = 0; c < C!; c++) grad[start + c]! += rows[i * C! + c]!;
      }
    },
  };
}
