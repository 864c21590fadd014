/** Sizes become values of the graph: computed once when it runs, from the shapes of its inputs. */
import { compute, type Dim } from "../tensor/dims.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { OnnxNode, OnnxTensor } from "./model.ts";

interface Writer {
  readonly nodes: OnnxNode[];
  readonly initializers: OnnxTensor[];
}

/** Sizes as int64 [1] values of the outermost graph, each computed once, from the shapes of its inputs. */
export function sizesOf(to: Writer, inputs: readonly (readonly [string, Tensor])[]): (d: Dim) => string {
  const made = new Map<Dim, string>();
  const emit = (op: string, ins: readonly string[], attributes: OnnxNode["attributes"] = {}): string => {
    const name = `:size/${made.size}.${to.nodes.length}`;
    to.nodes.push({ name, op, domain: "", inputs: ins, outputs: [name], attributes });
    return name;
  };
  const symbol = (s: string) => {
    const [name, x] = inputs.find(([, x]) => x.shape.includes(s)) ?? [];
    if (name === undefined || !x) throw new Error(`program: no input has the size "${s}"`);
    const axis = x.shape.indexOf(s);
    return emit("Shape", [name], { start: { int: axis }, end: { int: axis + 1 } });
  };
  const number = (n: number) => {
    const name = `:size/${n}`;
    to.initializers.push({ name, type: "int64", dims: [1], data: new Uint8Array(BigInt64Array.of(BigInt(n)).buffer) });
    return name;
  };
  const value = (d: Dim): string => {
    const known =
      made.get(d) ??
      (typeof d === "number"
        ? number(d)
        : /^\w+$/.test(d)
          ? symbol(d)
          : compute(d, {
              number: value,
              symbol: value,
              add: (a, b) => emit("Add", [a, b]),
              mul: (a, b) => emit("Mul", [a, b]),
              floorDiv: (a, b) => emit("Div", [a, b]),
            }));
    made.set(d, known);
    return known;
  };
  return value;
}
