/** Where a case's step goes: the engine's profile of its gradient program by operator, by layer and by node. */
import { batchOf, type Case } from "../src/cli/cases.ts";
import { table } from "../src/cli/ui/table.ts";
import type { Precision } from "../src/onnx/index.ts";
import { flushDenormals } from "../src/runtime/denormals.ts";
import { type NodeProfile, profileProgram } from "../src/runtime/profile.ts";
import { names } from "../src/train/plan.ts";
import { stepOf } from "./step.ts";

export async function run(given: Case, threads: number, precision: Precision): Promise<void> {
  await flushDenormals(); // as the worker does that trains
  const { plan, weights } = stepOf(given, precision);
  const batch = Object.fromEntries(Object.entries(batchOf(given)).map(([name, x]) => [names.batch(name), x]));
  const { nodes, runs } = await profileProgram(plan.gradients, { ...weights, ...batch }, { threads, seconds: 60 });
  const total = nodes.reduce((sum, { ms }) => sum + ms, 0);
  console.log(`${total.toFixed(2)} ms a step in ${nodes.length} nodes, ${threads} threads; medians of ${runs} steps`);
  const show = (title: string, keyOf: (node: NodeProfile) => string, most: number) => {
    const sums = new Map<string, { ms: number; count: number }>();
    for (const node of nodes) {
      const { ms, count } = sums.get(keyOf(node)) ?? { ms: 0, count: 0 };
      sums.set(keyOf(node), { ms: ms + node.ms, count: count + 1 });
    }
    const rows = [...sums]
      .toSorted(([, a], [, b]) => b.ms - a.ms)
      .slice(0, most)
      .map(([key, { ms, count }]) => [...[key, ms.toFixed(3), `${((100 * ms) / total).toFixed(1)} %`, String(count)]]);
    console.log(`\n${table([[title, "ms", "share", "nodes"], ...rows], "lrrr")}`);
  };
  show("operator", ({ op }) => op, 25);
  show("layer", ({ name }) => anyLayer(pathOf(name)), 25);
  show("node", ({ name, op, makes }) => `${anyLayer(pathOf(name))} ${op} ${makes}`, 45);
}

/** "transformer.h.0.attn/grad" of "transformer.h.0.attn/grad/MatMul.2". */
const pathOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf("/")));
const anyLayer = (path: string) =>
  path.replace(/\.\d+(?=[./]|$)/g, ".*").replace(/\/(MatMul|Matmul|Gemm)[^ ]*(Fusion)\b.*$/, "");
