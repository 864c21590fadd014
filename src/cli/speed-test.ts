/** How fast this machine computes, measured in a few seconds: a matrix product by threads, and a small GPT's training step. */
import { performance } from "node:perf_hooks";
import { build, forward, gpt2 } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { adamw } from "../optim/index.ts";
import type { Device } from "../runtime/engine.ts";
import { openProgram } from "../runtime/program.ts";
import { input, matmul, trace } from "../tensor/index.ts";
import { initialize } from "../train/initialize.ts";
import { openLearner } from "../train/learner.ts";
import { planOf } from "../train/plan.ts";

const SIDE = 1024; // rows and columns
const WARM_UP = 2; // calls that are not counted

/** 10⁹ floating-point operations a second of a square float32 matrix product, in about `seconds`. */
export async function matmulSpeed(device: Device, threads: number, seconds: number): Promise<number> {
  const [a, b] = [input([SIDE, SIDE]), input([SIDE, SIDE])];
  const program = await openProgram(toOnnx({ a, b }, { c: matmul(a, b) }), { device, threads });
  await using _ = program;
  const matrix = () =>
    ({ dtype: "float32", dims: [SIDE, SIDE], data: new Float32Array(SIDE * SIDE).fill(0.5) }) as const;
  const feeds = { a: matrix(), b: matrix() };
  const each = await medianTime(() => program.run(feeds), seconds);
  return (2 * SIDE ** 3) / each / 1e9;
}

/** nanoGPT's laptop recipe: a GPT of 0.8 million parameters on 12 sequences of 64 tokens. */
const GPT = { n_layer: 4, n_head: 4, n_embd: 128, n_positions: 64, vocab_size: 65 };
const BATCH = 12;

/** Tokens a second that a small GPT is trained with, in about `seconds`. */
export async function trainingSpeed(device: Device, threads: number, seconds: number): Promise<number> {
  const model = build(gpt2({ ...GPT, embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 }), "GPT2LMHeadModel");
  const parameters = namedParams(model);
  const dims = [BATCH, GPT.n_positions];
  const batch = { input_ids: input(dims, "int64"), labels: input(dims, "int64") };
  const { loss } = trace(() => forward(model, batch)).result;
  const plan = planOf({ parameters, batch, loss: loss!, optimizer: adamw({ weightDecay: 0.1 }) });
  await using learner = await openLearner(plan, { device, threads, maxGradNorm: 1 });
  initialize(learner.state, Object.fromEntries([...parameters].map(([name, { init }]) => [name, init])), 0);
  const tokens = BATCH * GPT.n_positions;
  const ids = BigInt64Array.from({ length: tokens }, (_, i) => BigInt((i * 7) % GPT.vocab_size));
  const value = { dtype: "int64", dims, data: ids } as const;
  return tokens / (await medianTime(() => learner.update({ input_ids: value, labels: value }, { lr: 1e-3 }), seconds));
}

/** Seconds that one call takes: the median, because others use the machine too. */
async function medianTime(call: () => Promise<unknown>, seconds: number): Promise<number> {
  for (let i = 0; i < WARM_UP; i++) await call();
  const times: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end || times.length === 0; ) {
    const start = performance.now();
    await call();
    times.push((performance.now() - start) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
