/**
 * Our side of decoding, a process of its own: `node dist/bench/ours-decode.js FOLDER NEW [THREADS]` continues the folder's
 * prompt greedily. It prints two JSON lines: one when the first token is there, one with what it measured.
 */
import { performance } from "node:perf_hooks";
import { openWeights } from "../src/formats/index.ts";
import { generateTokens, openDecoder } from "../src/generate/index.ts";
import { build } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import { count } from "../src/tensor/dtype.ts";
import { type Decoded, HEAD, prompt, spec } from "./decode.ts";

const [folder = "", newTokens = "", threads = "0"] = process.argv.slice(2);
const model = build(spec, HEAD);
using file = openWeights(folder);
const weights = new Map<string, Float32Array>();
for (const [name, { shape }] of namedParams(model)) {
  const data = new Float32Array(count(shape));
  file.readInto(name, data);
  weights.set(name, data);
}
await using decoder = await openDecoder(model, spec, weights, { frozen: true, threads: Number(threads) });
weights.clear();

const tokens: number[] = [];
let start = performance.now();
let prefill = Number.NaN;
for await (const [token] of generateTokens(decoder, [prompt()], { maxNewTokens: Number(newTokens), eosTokenId: [] })) {
  if (tokens.push(token!) > 1) continue;
  prefill = performance.now() - start;
  console.log(JSON.stringify({ first: true }));
  start = performance.now();
}
const rate = ((tokens.length - 1) * 1000) / (performance.now() - start);
const { maxRSS } = process.resourceUsage(); // kilobytes
const decoded: Decoded = { side: "trainformer", prefill, rate, tokens, rss: maxRSS * 1024 };
console.log(JSON.stringify(decoded));
