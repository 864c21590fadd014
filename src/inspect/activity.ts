/** What recurrent units do while a text is read: gates and states of every layer, token by token (Karpathy et al. 2015, arXiv:1506.02078). */
import { forward, type Model, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { toOnnx } from "../onnx/lower.ts";
import { openProgram, type ProgramOptions } from "../runtime/program.ts";
import { topologicalOrder } from "../tensor/grad.ts";
import { input, type Tensor, trace, type Value } from "../tensor/index.ts";

export interface Activity {
  /** "rnn.l0.forget_gate". */
  readonly path: string;
  readonly domain: "positive" | "signed";
  readonly units: number;
  /** [T, units] */
  readonly values: Float32Array;
}

/**
 * Everything that the model taps by time and unit, for one row of ids: of an encoder-decoder what reads them. Throws a TypeError for a model without such taps,
 * and a RangeError for no ids.
 */
export async function recurrentActivity(
  model: Model,
  spec: ModelSpec,
  weights: ReadonlyMap<string, Float32Array>,
  ids: readonly number[],
  options: ProgramOptions = {},
): Promise<readonly Activity[]> {
  if (ids.length === 0) throw new RangeError("activity: there is no token to read");
  const input_ids = input(["batch", "time"], "int64");
  const decoder_input_ids = input(["batch", "written"], "int64"); // what depends on it is left out
  const written = spec.architecture.source && { decoder_input_ids };
  const { taps } = trace(() => forward(model, { input_ids, ...written }));
  const found = taps.filter(
    ({ axes, value }) =>
      String(axes) === "time,batch,unit" && !topologicalOrder([value]).includes(decoder_input_ids as Tensor),
  );
  if (found.length === 0)
    throw new TypeError(`${spec.architecture.spec.modelType}: it has no recurrent units to look at`);
  const outputs = Object.fromEntries(found.map(({ value }, i) => [`tap/${i}`, value]));
  const used = new Set<Tensor>(topologicalOrder(Object.values(outputs)));
  const params = [...namedParams(model)].filter(([, x]) => used.has(x));
  await using program = await openProgram(
    toOnnx({ input_ids, ...Object.fromEntries(params) }, outputs, { mode: "evaluation" }),
    options,
  );
  const feeds: Record<string, Value> = {
    input_ids: { dtype: "int64", dims: [1, ids.length], data: BigInt64Array.from(ids, BigInt) },
  };
  for (const [name, { shape }] of params) feeds[name] = { dtype: "float32", dims: shape, data: weights.get(name)! };
  const got = await program.run(feeds);
  return found.map(({ path, domain }, i) => {
    const { dims, data } = got[`tap/${i}`]!;
    return {
      path,
      domain: domain === "positive" ? "positive" : "signed",
      units: dims[2]!,
      values: data as Float32Array,
    };
  });
}
