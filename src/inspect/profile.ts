/**
 * What a training step costs, layer by layer: milliseconds forwards, backwards and for the update, and the memory that a
 * layer's forward pass keeps for its backward pass. Nodes carry their layer's path in their names.
 */
import type { NodeProfile, ProgramProfile } from "../runtime/profile.ts";

/** Milliseconds of one step. */
export interface Passes {
  readonly forward: number;
  readonly backward: number;
  readonly update: number;
}
export interface LayerCost {
  /** "transformer.h.0.attn.c_attn", without what is inside of it; "" is what belongs to no layer, as the loss. */
  readonly path: string;
  readonly ms: Passes;
  /** Bytes by which memory in use grows in its forward pass: what it keeps for the backward pass. */
  readonly kept: number;
  readonly parameters: number;
}
export interface OperatorCost {
  readonly op: string;
  readonly nodes: number;
  readonly ms: number;
}
export interface TrainingProfile {
  readonly ms: Passes;
  /** The most bytes of intermediate values at once. */
  readonly peak: number;
  /** Of how many steps the medians are. */
  readonly steps: number;
  /** In the order they run. */
  readonly layers: readonly LayerCost[];
  /** The slowest first. */
  readonly operators: readonly OperatorCost[];
}
interface Updated {
  /** Milliseconds that updating all parameters takes. */
  readonly ms: number;
  /** How many numbers each has. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** The gradient program's profile, and the update's time, which each parameter has its share of by size. */
export function trainingProfile({ nodes, peak, runs }: ProgramProfile, update: Updated): TrainingProfile {
  const layers = new Map<string, LayerCost>();
  const add = (
    path: string,
    { ms = {}, kept = 0, parameters = 0 }: Partial<Omit<LayerCost, "ms">> & { ms?: Partial<Passes> },
  ) => {
    const sum = layers.get(path) ?? { path, ms: NOTHING, kept: 0, parameters: 0 };
    layers.set(path, {
      path,
      ms: addPasses(sum.ms, { ...NOTHING, ...ms }),
      kept: sum.kept + kept,
      parameters: sum.parameters + parameters,
    });
  };
  for (const { name, ms, grew } of nodes) {
    const { layer, pass } = placeOf(name);
    add(layer, { ms: { [pass]: ms }, kept: pass === "forward" ? grew : 0 });
  }
  const all = [...update.sizes.values()].reduce((a, b) => a + b, 0);
  for (const [name, parameters] of update.sizes)
    add(name.slice(0, Math.max(0, name.lastIndexOf("."))), {
      ms: { update: (update.ms * parameters) / all },
      parameters,
    });
  return {
    ms: [...layers.values()].reduce((sum, { ms }) => addPasses(sum, ms), NOTHING),
    peak,
    steps: runs,
    layers: [...layers.values()],
    operators: byOperator(nodes),
  };
}

export const NOTHING: Passes = { forward: 0, backward: 0, update: 0 };
export const addPasses = (a: Passes, b: Passes): Passes => ({
  forward: a.forward + b.forward,
  backward: a.backward + b.backward,
  update: a.update + b.update,
});
export const totalOf = ({ forward, backward, update }: Passes): number => forward + backward + update;

/** "h.0.attn/grad/MatMul.2/SomeFusion" → "h.0.attn", backwards. What the engine adds of its own has no path. */
function placeOf(name: string): { readonly layer: string; readonly pass: "forward" | "backward" } {
  const [first = "", second, third] = name.replace(/^fused /, "").split("/");
  if (second === undefined || first === ":size") return { layer: "", pass: "forward" };
  if (first === "grad") return { layer: "", pass: "backward" };
  return { layer: first, pass: second === "grad" && third !== undefined ? "backward" : "forward" };
}

function byOperator(nodes: readonly NodeProfile[]): OperatorCost[] {
  const operators = new Map<string, OperatorCost>();
  for (const { op, ms } of nodes) {
    const sum = operators.get(op) ?? { op, nodes: 0, ms: 0 };
    operators.set(op, { op, nodes: sum.nodes + 1, ms: sum.ms + ms });
  }
  return [...operators.values()].sort((a, b) => b.ms - a.ms);
}

export interface Folded extends LayerCost {
  /** How many layers stand here as one. */
  readonly copies: number;
}

/** Layers that repeat as one: "h.0.mlp", "h.1.mlp" … as "h.*.mlp", in the order of the first of each. */
export function foldRepeats(layers: readonly LayerCost[]): Folded[] {
  const folded = new Map<string, Folded>();
  for (const { path, ms, kept, parameters } of layers) {
    const name = path.replace(/\.\d+(?=\.|$)/g, ".*");
    const sum = folded.get(name) ?? { path: name, ms: NOTHING, kept: 0, parameters: 0, copies: 0 };
    folded.set(name, {
      path: name,
      ms: addPasses(sum.ms, ms),
      kept: sum.kept + kept,
      parameters: sum.parameters + parameters,
      copies: sum.copies + 1,
    });
  }
  return [...folded.values()];
}
