/**
 * Our side of a comparison, a process of its own: `node dist/bench/ours.js CASE FOLDER [THREADS [PRECISION [DEVICE]]]` trains the case
 * through `train` from the folder's weights. It prints two JSON lines: one when the first step is done, one with what it measured.
 */
import { caseOf, headOf, median, trainSteps } from "../src/cli/cases.ts";
import { build } from "../src/models/index.ts";
import { namedParams } from "../src/nn/index.ts";
import type { Measured } from "./side.ts";

const [name = "", folder = "", threads = "0", asked, on] = process.argv.slice(2);
const precision = asked === "int8" ? "int8" : "float32";
const device = on === "wasm" ? "wasm" : "cpu";
const given = caseOf(name);
const names = [...namedParams(build(given.model, headOf(given))).keys()];
const from = {
  from: "folder",
  path: folder,
  storedNames: Object.fromEntries(names.map((name) => [name, name])),
} as const;

const timed: number[] = [];
let [done, last] = [0, Number.NaN];
for await (const { ms, loss } of trainSteps(given, given.warm + given.steps, {
  from,
  precision,
  device,
  threads: Number(threads),
})) {
  if (++done === 1) console.log(JSON.stringify({ first: true }));
  if (done > given.warm) timed.push(ms);
  last = loss;
}
const { maxRSS } = process.resourceUsage(); // kilobytes
const measured: Measured = {
  side: precision === "int8" ? "trainformer int8" : "trainformer",
  ms: median(timed),
  loss: last,
  rss: maxRSS * 1024,
};
console.log(JSON.stringify(measured));
