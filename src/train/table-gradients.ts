/**
 * Gradients of tables of which a batch reads few rows, embeddings of words: the program gives the gradients of what was
 * read, and they are added up here, where the table's gradient lies. The other rows stay 0, so that only what the batch
 * before has left is cleared, and a table of millions of numbers is not written anew at every step.
 */
import type { Signature } from "../onnx/lower.ts";
import type { Values } from "../runtime/engine.ts";
import { sizesIn } from "../runtime/feeds.ts";
import type { State } from "../runtime/state.ts";
import { evaluate } from "../tensor/dims.ts";
import type { Value } from "../tensor/dtype.ts";
import { names, type Plan } from "./plan.ts";

export interface TableGradients {
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
    .map(({ name, dims }) => tableOf(name, dims, grads.get(name)!.data, outputs));
  return {
    into(feeds) {
      if (tables.length === 0) return {};
      const sizes = sizesIn(inputs, feeds);
      return Object.assign({}, ...tables.map((table) => table.into((name) => sizes.get(name)?.size ?? Number.NaN)));
    },
    add(outputs, isFirst) {
      for (const table of tables) table.add(outputs, isFirst);
    },
  };
}

function tableOf(name: string, dims: readonly number[], grad: Float32Array, outputs: readonly Signature[]) {
  const [V, C] = dims as readonly [number, number];
  const [rowsName, idsName] = [names.rows(name), names.ids(name)];
  const { dims: size } = outputs.find((output) => output.name === idsName)!;
  const at = (id: bigint) => C * (id < 0 ? Number(id) + V : Number(id));
  let [rows, ids] = [new Float32Array(0), new BigInt64Array(0)];
  let touched: bigint[] = [];
  return {
    into(sizeOf: (name: string) => number): Values {
      const n = evaluate(size[0]!, sizeOf);
      if (n !== ids.length) [rows, ids] = [new Float32Array(n * C), new BigInt64Array(n)];
      const given: Record<string, Value> = {
        [rowsName]: { dtype: "float32", dims: [n, C], data: rows },
        [idsName]: { dtype: "int64", dims: [n], data: ids },
      };
      return given;
    },
    add(outputs: Values, isFirst: boolean): void {
      if (isFirst) {
        for (const id of touched) grad.fill(0, at(id), at(id) + C);
        touched = [];
      }
      const [from, where] = [outputs[rowsName]!.data as Float32Array, outputs[idsName]!.data as BigInt64Array];
      for (const [row, id] of where.entries()) {
        const [to, start] = [at(id), row * C];
        for (let c = 0; c < C; c++) grad[to + c]! += from[start + c]!;
      }
      touched.push(...where);
    },
  };
}
