/**
 * What an update costs: `node dist/bench/update.js kernels` times the loops over ten million parameters, `learner` and
 * `graph` a whole step of a GPT-2 (gpt_cpu or gpt_baby) with the update in place, and with it inside the graph.
 */
import { performance } from "node:perf_hooks";
import { build, forward, gpt2 } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { adamw, clipScale, l1, type Optimizer, sgd } from "../src/optim/index.ts";
import { openAddInto } from "../src/runtime/add-into.ts";
import { compile } from "../src/runtime/compile.ts";
import { instantiate, sumOfSquares } from "../src/runtime/kernel.ts";
import { scalarsOf } from "../src/runtime/scalars.ts";
import { createState } from "../src/runtime/state.ts";
import { count } from "../src/tensor/dtype.ts";
import { grad } from "../src/tensor/grad.ts";
import { type Float, input, type Value } from "../src/tensor/tensor.ts";
import { initialize } from "../src/train/initialize.ts";
import { openLearner } from "../src/train/learner.ts";
import { planOf } from "../src/train/plan.ts";
import { updateOf } from "../src/train/update.ts";

const median = (ms: readonly number[]) => [...ms].sort((a, b) => a - b)[ms.length >> 1]!;
async function time(f: () => unknown, times: number): Promise<string> {
  const ms: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await f();
    ms.push(performance.now() - start);
  }
  return `${median(ms).toFixed(1)} ms (least ${Math.min(...ms).toFixed(1)})`;
}

async function kernels(N = 10_000_000): Promise<void> {
  const rules: Record<string, Optimizer> = {
    "sgd, momentum": sgd({ momentum: 0.9 }),
    adamw: adamw(),
    "adamw, L1": l1(adamw(), 1e-4),
  };
  for (const [name, rule] of Object.entries(rules)) {
    const update = updateOf(rule, "w", [N]);
    if (!("kernel" in update)) throw new Error("not elementwise");
    const { kernel, slots } = update;
    using state = createState([{ name: "w", dims: [N], arrays: ["weight", ...slots, "grad"] }]);
    const { slices, bytes, memory } = state.rows[0]!;
    for (const { data } of Object.values(slices)) for (let i = 0; i < N; i++) data[i] = 0.01 + (i % 97) * 1e-3;
    const run = instantiate(kernel.code, memory);
    const at = kernel.arrays.map((array) => slices[array]!.offset);
    const scalars = scalarsOf(kernel, { lr: 1e-5, t: 3, scale: 1, limit: Infinity });
    console.log(
      `${name}, 10 M parameters:`,
      await time(() => run(...at, bytes, ...scalars), 31),
      `${kernel.code.length} bytes`,
    );
    const squares = instantiate(sumOfSquares(), memory);
    const norm = () => clipScale(Math.sqrt(squares(slices["grad"]!.offset, bytes)), 1);
    if (name === "adamw") console.log("gradient norm:", await time(norm, 31));
    const fresh = slices["weight"]!.data.slice();
    const addInto = openAddInto(state);
    if (name === "adamw")
      console.log("a batch's gradient added:", await time(() => addInto(state.rows[0]!, "grad", fresh), 31));
  }
}

const sizes = { gpt_cpu: [12, 64, 128, 4, 4, 65], gpt_baby: [8, 256, 384, 6, 6, 65] } as const;

function setUp(name: keyof typeof sizes) {
  const [B, T, C, heads, layers, V] = sizes[name];
  const drop = { embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 };
  const model = build(
    gpt2({ vocab_size: V, n_positions: T, n_embd: C, n_layer: layers, n_head: heads, ...drop }),
    "GPT2LMHeadModel",
  );
  const ids = (dims: readonly number[]): Value<"int64"> => ({
    dtype: "int64",
    dims,
    data: BigInt64Array.from({ length: count(dims) }, (_, i) => BigInt((i * i + 3 * i) % V)),
  });
  const batch = { input_ids: input(["batch", "time"], "int64"), labels: input(["batch", "time"], "int64") };
  const values = { input_ids: ids([B, T]), labels: ids([B, T]) };
  const loss: Float = forward(model, batch)["loss"] as Float;
  return { params: namedParams(model), batch, values, loss };
}

async function learner(name: keyof typeof sizes, steps: number): Promise<void> {
  const { params, batch, values, loss } = setUp(name);
  const start = performance.now();
  const plan = planOf({ parameters: params, batch, loss, optimizer: adamw() });
  const planned = performance.now();
  await using learner = await openLearner(plan, { threads: 2, maxGradNorm: 1 });
  console.log(`plan ${(planned - start).toFixed(0)} ms, open ${(performance.now() - planned).toFixed(0)} ms`);
  initialize(learner.state, Object.fromEntries([...params].map(([name, { init }]) => [name, init])), 0);
  const step = () => learner.update(values, { lr: 3e-4 });
  await step();
  console.log(`${name}, update in place:`, await time(step, steps), (await step()).loss);
}

async function graph(name: keyof typeof sizes, steps: number): Promise<void> {
  const { params, batch, values, loss } = setUp(name);
  const rule = adamw();
  const grads = grad(loss, [...params.values()]);
  const [lr, t] = [input([]), input([])];
  const now: Record<string, Record<string, Float>> = {};
  const next: typeof now = {};
  for (const [i, [name, w]] of [...params].entries()) {
    const [m, v] = [input(w.shape), input(w.shape)];
    const after = rule.update(w, grads[i]!, [m, v], { lr, t });
    now[name] = { w, m, v };
    next[name] = { w: after.w, m: after.slots[0]!, v: after.slots[1]! };
  }
  await using run = await compile({ now, batch, lr, t }, { next, loss }, { threads: 2 });
  const f32 = (dims: readonly number[], fill = 0): Value<"float32"> => ({
    dtype: "float32",
    dims,
    data: new Float32Array(count(dims)).map((_, i) => fill * (((37 * i) % 101) - 50)),
  });
  let state: unknown = Object.fromEntries(
    [...params].map(([name, { shape }]) => [name, { w: f32(shape, 1e-3), m: f32(shape), v: f32(shape) }]),
  );
  let at = 0;
  const step = async () => {
    const scalars = { lr: { ...f32([]), data: Float32Array.of(3e-4) }, t: { ...f32([]), data: Float32Array.of(++at) } };
    ({ next: state } = await run({ now: state, batch: values, ...scalars } as never));
  };
  await step();
  console.log(`${name}, update in the graph:`, await time(step, steps));
}

const [what = "kernels", name = "gpt_cpu", steps = "30"] = process.argv.slice(2);
if (what === "kernels") await kernels();
else await (what === "graph" ? graph : learner)(name as keyof typeof sizes, Number(steps));
