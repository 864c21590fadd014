/** onnxruntime-node: the machine's own code, in Node. */
import ort from "onnxruntime-node";
import type { Data, DType, Value } from "../tensor/dtype.ts";
import type { Engine } from "./engine.ts";

export const sessionOptions = (threads: number): ort.InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  enableMemPattern: false, // a third less memory at the same speed
  extra: {
    session: { force_spinning_stop: "1" }, // or sessions that alternate halve each other's speed
    optimization: { disable_specified_optimizers: "MatmulTransposeFusion" }, // a product of a transposed A is slow
  },
});

export const native: Engine = {
  async open(bytes, { threads }) {
    const session = await ort.InferenceSession.create(bytes, sessionOptions(threads));
    const tensors = new WeakMap<Data, ort.Tensor>(); // the views of a state come back at every step
    const tensor = ({ dtype, data, dims }: Value): ort.Tensor => {
      const known = tensors.get(data);
      if (known && String(known.dims) === String(dims)) return known;
      const made = new ort.Tensor(dtype, data as Float32Array, dims);
      tensors.set(data, made);
      return made;
    };
    return {
      release: () => session.release(),
      async run(feeds, outputs, into) {
        const fed = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, tensor(value)]));
        const fetches = Object.fromEntries(outputs.map((name) => [name, into[name] ? tensor(into[name]) : null]));
        const fetched = await session.run(fed, fetches);
        return Object.fromEntries(outputs.map((name) => [name, into[name] ?? toValue(fetched[name]!)]));
      },
    };
  },
};

const toValue = ({ type, dims, data }: ort.Tensor): Value =>
  ({ dtype: type as DType, dims, data: data as Data }) as Value;
