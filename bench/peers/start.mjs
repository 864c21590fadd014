/** What the JavaScript peers share: their arguments, the weights and batch of a folder, and the two lines that a side prints. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** `node x_steps.mjs FOLDER --warm N --steps N [--threads N]`; the peer's packages are in the folder that $PEERS names. */
export function begin() {
  const count = (name) => ({ [name]: { type: "string", default: "1" } });
  const options = { ...count("warm"), ...count("steps"), ...count("threads") };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [warm, steps, threads] = [values.warm, values.steps, values.threads].map(Number);
  const need = createRequire(join(process.env.PEERS ?? process.cwd(), "/"));
  return { warm, steps, threads, need, ...readStart(positionals[0]) };
}

/** A GPT-2's weights by Hugging Face's names, its sizes [B, T, C, H, L, V], and the batch: Int32Array ids and labels. */
function readStart(folder) {
  const file = readFileSync(join(folder, "model.safetensors"));
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__: told, ...header } = JSON.parse(file.toString("utf8", 8, 8 + length));
  const weights = {};
  const batch = {};
  for (const [name, { dtype, shape, data_offsets: at }] of Object.entries(header)) {
    const bytes = file.buffer.slice(...at.map((n) => file.byteOffset + 8 + length + n));
    if (dtype === "I64")
      batch[name.slice("batch.".length)] = { shape, data: Int32Array.from(new BigInt64Array(bytes), Number) };
    else weights[name.replace(/^transformer\./, "")] = { shape, data: new Float32Array(bytes) };
  }
  const [B, T] = batch.input_ids.shape;
  const [V, C] = weights["wte.weight"].shape;
  const L = Object.keys(weights).filter((name) => name.endsWith(".ln_1.weight")).length;
  return {
    weights,
    sizes: { B, T, C, H: Number(told.heads), L, V },
    ids: batch.input_ids.data,
    labels: batch.labels.data,
  };
}

/** Runs `step`, which gives the loss before its update, and prints what a side prints. */
export async function measure(side, step, { warm, steps }) {
  let loss = await step();
  console.log(JSON.stringify({ first: true }));
  for (let i = 1; i < warm; i++) await step();
  const times = [];
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    loss = await step();
    times.push(performance.now() - start);
  }
  const ms = times.sort((a, b) => a - b)[times.length >> 1];
  console.log(JSON.stringify({ side, ms, loss, rss: process.resourceUsage().maxRSS * 1024 }));
  process.exit(0);
}
