/**
 * TensorFlow.js's side of a comparison: GPT-2 training steps from given weights on a given batch, with Adam (it has no AdamW).
 *
 *   PEERS=folder node tfjs_steps.mjs FOLDER --warm N --steps N [--threads N]
 *
 * The backend is `$TFJS_BACKEND`: wasm (@tensorflow/tfjs-backend-wasm, the default), cpu, or tensorflow (@tensorflow/tfjs-node, whose
 * install fetches a library from a host that many networks close). wasm has no gradient of a gather, so an embedding is
 * one-hot times matrix there; more than one thread is forced on, since in Node it does not offer them by itself.
 */
import { begin, measure } from "./start.mjs";

const { warm, steps, threads, need, weights, sizes, ids, labels } = begin();
const backend = process.env.TFJS_BACKEND ?? "wasm";
const tf = need(backend === "tensorflow" ? "@tensorflow/tfjs-node" : "@tensorflow/tfjs");
if (backend === "wasm") {
  const wasm = need("@tensorflow/tfjs-backend-wasm");
  if (threads > 1) {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
    wasm.setThreadsCount(threads);
  }
}
await tf.setBackend(backend);
await tf.ready();

const { B, T, C, H, L, V } = sizes;
const w = Object.fromEntries(
  Object.entries(weights).map(([name, { shape, data }]) => [name, tf.variable(tf.tensor(data, shape))]),
);
const mask = tf.tidy(() =>
  tf.linalg
    .bandPart(tf.ones([T, T]), -1, 0)
    .sub(1)
    .mul(1e9),
);
const [input, target] = [ids, labels].map((data) => tf.tensor1d(data, "int32"));
const hot = tf.oneHot(target, V);
const linear = (x, name) => x.matMul(w[`${name}.weight`]).add(w[`${name}.bias`]);
const heads = (x) => x.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3]);
const gelu = (x) =>
  x.mul(0.5).mul(
    x
      .mul(x)
      .mul(0.044715)
      .add(1)
      .mul(x)
      .mul(Math.sqrt(2 / Math.PI))
      .tanh()
      .add(1),
  );

function norm(x, name) {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt()).mul(w[`${name}.weight`]).add(w[`${name}.bias`]);
}

function loss() {
  const wte = w["wte.weight"];
  const rows = backend === "wasm" ? tf.oneHot(input, V).toFloat().matMul(wte) : tf.gather(wte, input);
  let x = rows
    .reshape([B, T, C])
    .add(w["wpe.weight"])
    .reshape([B * T, C]);
  for (let i = 0; i < L; i++) {
    const [q, k, v] = tf.split(linear(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`), 3, 1).map(heads);
    const scores = tf.softmax(
      tf
        .matMul(q, k, false, true)
        .mul(1 / Math.sqrt(C / H))
        .add(mask),
    );
    const y = tf
      .matMul(scores, v)
      .transpose([0, 2, 1, 3])
      .reshape([B * T, C]);
    x = x.add(linear(y, `h.${i}.attn.c_proj`));
    x = x.add(linear(gelu(linear(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`)), `h.${i}.mlp.c_proj`));
  }
  return tf.losses.softmaxCrossEntropy(hot, tf.matMul(norm(x, "ln_f"), wte, false, true));
}

const optimizer = tf.train.adam(3e-4, 0.9, 0.999, 1e-8);
async function step() {
  const value = optimizer.minimize(loss, true);
  const [number] = await value.data();
  value.dispose();
  return number;
}
await measure(`tfjs ${tf.version_core ?? tf.version.tfjs} ${backend}, Adam`, step, { warm, steps });
