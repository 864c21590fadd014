/**
 * jax-js's side of a comparison: GPT-2 training steps from given weights on a given batch, with Adam; loss, gradients and update
 * are one jit. It computes in WebAssembly on one thread, and needs Node 22.
 *
 *   PEERS=folder node jaxjs_steps.mjs FOLDER --warm N --steps N
 */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { begin, measure } from "./start.mjs";

const { warm, steps, need, weights, sizes, ids, labels } = begin();
const main = need.resolve("@jax-js/jax").replace(/\.cjs$/, ".js");
const { version } = JSON.parse(readFileSync(main.replace(/dist.*$/, "package.json"), "utf8"));
const { init, defaultDevice, numpy: np, nn, jit, valueAndGrad, blockUntilReady } = await import(pathToFileURL(main));
await init("wasm");
defaultDevice("wasm");

const { B, T, C, H, L, V } = sizes;
const names = Object.keys(weights);
const array = ({ shape, data }) => np.array(data).reshape(shape);
const gelu = (x) => {
  const z = x.ref
    .mul(x.ref)
    .mul(0.044715)
    .add(1)
    .mul(x.ref)
    .mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(np.tanh(z).add(1));
};

/** An array is used up by what it is given to; `.ref` is another use of it. */
function loss(params, hotIds, hotLabels) {
  const w = Object.fromEntries(names.map((name, i) => [name, params[i]]));
  const norm = (x, name) => nn.standardize(x, -1).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
  const linear = (x, name) => np.matmul(x, w[`${name}.weight`]).add(w[`${name}.bias`]);
  let x = np.matmul(hotIds, w["wte.weight"].ref).add(w["wpe.weight"]);
  for (let i = 0; i < L; i++) {
    const qkv = np.split(linear(norm(x.ref, `h.${i}.ln_1`), `h.${i}.attn.c_attn`), 3, -1);
    const [q, k, v] = qkv.map((z) => z.reshape([B, T, H, C / H]));
    const y = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B, T, C]);
    x = x.add(linear(y, `h.${i}.attn.c_proj`));
    x = x.add(linear(gelu(linear(norm(x.ref, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`)), `h.${i}.mlp.c_proj`));
  }
  const logits = np.matmul(norm(x, "ln_f"), np.transpose(w["wte.weight"]));
  return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(hotLabels), -1)).mul(-1);
}

/** Adam (arXiv:1412.6980); `rate` is the learning rate with both bias corrections. */
const update = jit((params, m, v, hotIds, hotLabels, rate) => {
  const [value, grads] = valueAndGrad(loss)(
    params.map((p) => p.ref),
    hotIds,
    hotLabels,
  );
  const [P, M, W] = [[], [], []];
  for (const [i, p] of params.entries()) {
    M[i] = m[i].mul(0.9).add(grads[i].ref.mul(0.1));
    W[i] = v[i].mul(0.999).add(np.square(grads[i]).mul(0.001));
    P[i] = p.sub(M[i].ref.div(np.sqrt(W[i].ref).add(1e-8)).mul(rate.ref));
  }
  rate.dispose();
  return [P, M, W, value];
});

let params = names.map((name) => array(weights[name]));
let [m, v] = [0, 0].map(() => names.map((name) => np.zeros(weights[name].shape)));
const hot = (data) => nn.oneHot(np.array(data).reshape([B, T]), V);
let t = 0;
async function step() {
  t++;
  const rate = np.array(Float32Array.of((3e-4 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t))).reshape([]);
  let value;
  [params, m, v, value] = update(params, m, v, hot(ids), hot(labels), rate);
  await blockUntilReady([params, m, v]);
  return (await value.data())[0];
}
await measure(`jax-js ${version} wasm, Adam`, step, { warm, steps });
