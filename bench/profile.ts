/**
 * Where a training step's time goes: the engine's own profile of the gradient program, by operator and by layer, forward
 * and backward apart. Profiling itself costs some microseconds a node, which shows where nodes are many and small.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { batchOf, type Case, median } from "../src/cli/cases.ts";
import { table } from "../src/cli/ui/table.ts";
import type { Value } from "../src/tensor/dtype.ts";
import { names } from "../src/train/plan.ts";
import { stepOf } from "./step.ts";

interface Node {
  readonly name: string;
  readonly op: string;
  /** "float[768,128]" of each result. */
  readonly shapes: string;
  /** The median over the steps, which others' use of the machine moves least. */
  readonly ms: number;
}

export async function run(given: Case, threads: number): Promise<void> {
  const steps = Math.max(5, given.steps);
  const nodes = await profile(given, threads, steps);
  const total = nodes.reduce((sum, { ms }) => sum + ms, 0);
  console.log(`${total.toFixed(2)} ms a step in ${nodes.length} nodes, ${threads} threads; medians of ${steps} steps`);
  const show = (title: string, keyOf: (node: Node) => string, most: number) => {
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
  show("node", ({ name, op, shapes }) => `${anyLayer(pathOf(name))} ${op} ${shapes}`, 45);
}

/** "transformer.h.0.attn/grad" of "transformer.h.0.attn/grad/MatMul.2". */
const pathOf = (name: string) => name.slice(0, Math.max(0, name.lastIndexOf("/")));
const anyLayer = (path: string) =>
  path.replace(/\.\d+(?=[./]|$)/g, ".*").replace(/\/(MatMul|Matmul|Gemm)[^ ]*(Fusion)\b.*$/, "");

async function profile(given: Case, threads: number, steps: number): Promise<Node[]> {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const { plan, weights } = stepOf(given);
    const batch = Object.entries(batchOf(given)).map(([name, x]) => [names.batch(name), x] as const);
    const session = await ort.InferenceSession.create(plan.gradients.bytes, {
      intraOpNumThreads: threads,
      enableMemPattern: false,
      extra: { session: { force_spinning_stop: "1" } },
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const tensor = ({ dtype, data, dims }: Value) => new ort.Tensor(dtype, data as Float32Array, dims);
    const feeds = [...Object.entries(weights), ...batch].map(([name, value]) => [name, tensor(value)] as const);
    for (let i = 0; i < steps + WARM; i++) await session.run(Object.fromEntries(feeds));
    session.endProfiling();
    await session.release();
    return nodesOf(readFileSync(join(folder, readdirSync(folder)[0]!), "utf8"), steps);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const WARM = 3;

/** Of the last `steps` runs. */
function nodesOf(json: string, steps: number): Node[] {
  const events = JSON.parse(json) as Event[];
  const runs = events.filter(({ name }) => name === "model_run").toSorted((a, b) => a.ts - b.ts);
  const from = runs.at(-steps)!.ts;
  const byName = new Map<string, Event[]>();
  for (const event of events)
    if (event.cat === "Node" && event.name.endsWith(KERNEL) && event.ts >= from)
      byName.set(event.name, [...(byName.get(event.name) ?? []), event]);
  return [...byName].map(([name, all]) => ({
    name: name.slice(0, -KERNEL.length),
    op: all[0]!.args.op_name ?? "?",
    shapes: (all[0]!.args.output_type_shape ?? [])
      .flatMap((output) => Object.entries(output).map(([type, dims]) => `${type}[${dims.join(",")}]`))
      .join(" "),
    ms: median(all.map(({ dur }) => dur)) / 1000,
  }));
}

const KERNEL = "_kernel_time";
interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds, as `ts`. */
  readonly dur: number;
  readonly ts: number;
  readonly args: {
    readonly op_name?: string;
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}
