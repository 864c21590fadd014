/**
 * Where a program's time and memory go, node by node: onnxruntime's own profile, which it writes to a file (Node). Its
 * clock costs some microseconds a node, which shows where nodes are many and small.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { OnnxProgram } from "../onnx/lower.ts";
import type { Values } from "./engine.ts";
import { checkFeeds } from "./feeds.ts";
import { median } from "./median.ts";

export interface NodeProfile {
  /** As in the graph, "h.0.attn/MatMul"; behind it, what the engine made of it. */
  readonly name: string;
  /** The operator that ran, which may be a fusion of several. */
  readonly op: string;
  /** Milliseconds in one run, the median of all, which others' use of the machine moves least; a loop's steps together. */
  readonly ms: number;
  /** By how many bytes the memory in use grew: what it made and nobody freed yet, less what it was the last to read. */
  readonly grew: number;
  /** What it makes: "float[768,128]". */
  readonly makes: string;
}
export interface ProgramProfile {
  /** In the order they ran; a node inside a loop stands before the loop, whose time is without it. */
  readonly nodes: readonly NodeProfile[];
  /** Milliseconds of a whole run, the median of all. */
  readonly ms: number;
  /** The most bytes in use at once between nodes, without what the program is fed. */
  readonly peak: number;
  readonly runs: number;
}

interface Options {
  /** 0, the default: as many as the machine has cores. */
  readonly threads?: number;
  /** As many runs, but no more than about `seconds` allow, and one at least. */
  readonly runs?: number;
  readonly seconds?: number;
  readonly warmUp?: number;
}

/** Runs the program natively on these numbers. Throws a TypeError where they do not fit. */
export async function profileProgram(
  { bytes, inputs, needs }: OnnxProgram,
  feeds: Values,
  { threads = 0, runs = 20, seconds = 10, warmUp = 2 }: Options = {},
): Promise<ProgramProfile> {
  checkFeeds(inputs, feeds, needs);
  const { default: ort } = await import("onnxruntime-node"); // when it is first asked for, as an engine
  const { sessionOptions } = await import("./native.ts");
  const folder = mkdtempSync(join(tmpdir(), "trainformer-profile-"));
  try {
    const session = await ort.InferenceSession.create(bytes, {
      ...sessionOptions(threads),
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
    });
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, { dtype, data, dims }]) => [
        name,
        new ort.Tensor(dtype, data as Float32Array, dims),
      ]),
    );
    for (let i = 0; i < warmUp; i++) await session.run(fed);
    let done = 0;
    for (const end = performance.now() + 1000 * seconds; done === 0 || (done < runs && performance.now() < end); done++)
      await session.run(fed);
    session.endProfiling();
    await session.release();
    const [file] = readdirSync(folder);
    return readProfile(JSON.parse(readFileSync(join(folder, file!), "utf8")) as Event[], done);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What onnxruntime writes, in the format of Chrome's traces. */
interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds, as `ts`. */
  readonly dur: number;
  readonly ts: number;
  readonly args: {
    readonly op_name?: string;
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    readonly mem_in_use_delta?: string;
    readonly mem_bytes_in_use?: string;
  };
}
interface Own {
  readonly event: Event;
  readonly ms: number;
  readonly grew: number;
}
interface Sums {
  readonly event: Event;
  readonly ms: number[];
  grew: number;
}

const KERNEL = "_kernel_time";

/** Of the last `runs` runs. */
function readProfile(events: readonly Event[], runs: number): ProgramProfile {
  const spans = events
    .filter(({ name }) => name === "model_run")
    .toSorted((a, b) => a.ts - b.ts)
    .slice(-runs);
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith(KERNEL));
  const sums = new Map<string, Sums>();
  let peak = 0;
  for (const [run, { ts, dur }] of spans.entries()) {
    const inRun = kernels.filter((event) => event.ts >= ts && event.ts < ts + dur);
    for (const { event, ms, grew } of withoutInner(inRun)) {
      const sum = sums.get(event.name) ?? { event, ms: Array<number>(spans.length).fill(0), grew: 0 };
      sums.set(event.name, sum);
      sum.ms[run]! += ms;
      if (run === spans.length - 1) sum.grew += grew;
      peak = Math.max(peak, Number(event.args.mem_bytes_in_use ?? 0));
    }
  }
  const nodes = [...sums.values()].map(({ event, ms, grew }) => ({
    name: event.name.slice(0, -KERNEL.length),
    op: event.args.op_name ?? "?",
    ms: median(ms),
    grew,
    makes: (event.args.output_type_shape ?? [])
      .flatMap((output) => Object.entries(output).map(([type, dims]) => `${type}[${dims.join(",")}]`))
      .join(" "),
  }));
  return { nodes, ms: median(spans.map(({ dur }) => dur / 1000)), peak, runs: spans.length };
}

/** Each event of one run with its own time and growth: a loop's are without those of the nodes inside it. */
function withoutInner(events: readonly Event[]): Own[] {
  const inOrder = events.toSorted((a, b) => a.ts + a.dur - (b.ts + b.dur) || b.ts - a.ts); // what ends first is inside
  const before: Event[] = []; // those that no loop has claimed
  return inOrder.map((event) => {
    let [ms, grew] = [event.dur / 1000, growth(event)];
    while (isLoop(event) && before.length > 0 && before.at(-1)!.ts >= event.ts) {
      const inner = before.pop()!;
      ms -= inner.dur / 1000;
      grew -= growth(inner);
    }
    before.push(event);
    return { event, ms: Math.max(0, ms), grew };
  });
}

const growth = ({ args }: Event): number => Number(args.mem_in_use_delta ?? 0);
const isLoop = ({ args }: Event): boolean => ["Scan", "Loop", "If"].includes(args.op_name ?? "");
