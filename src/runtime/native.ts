/** onnxruntime-node: the machine's own code, in Node. */
import ort from "onnxruntime-node";
import type { Data, DType, Value } from "../tensor/dtype.ts";
import { areFlushed } from "./denormals.ts";
import type { Engine, Values } from "./engine.ts";
import { canSkipCopies, runUncopied, sequenceFirst } from "./uncopied.ts";

export const sessionOptions = (threads: number): ort.InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  logSeverityLevel: 3, // errors: what it warns of, a user can do nothing about
  enableMemPattern: false, // a third less memory at the same speed
  extra: {
    session: {
      force_spinning_stop: "1", // or sessions that alternate halve each other's speed
      set_denormal_as_zero: areFlushed() ? "1" : "0", // its own threads do as the one that calls it
    },
    // a product of a transposed A is slow, and so is one that begins with a bias: it is copied to every row, on one thread; and
    // a Range that a Gather reads is dropped even where it is an output
    optimization: { disable_specified_optimizers: "MatmulTransposeFusion;GatherToSliceFusion;MatMulAddFusion" },
  },
});

export const native: Engine = {
  async open(bytes, { threads, inPlace = false }) {
    const uncopied = inPlace && (await canSkipCopies());
    const session = await ort.InferenceSession.create(uncopied ? sequenceFirst(bytes) : bytes, sessionOptions(threads));
    const tensors = new WeakMap<Data, { readonly tensor: ort.Tensor; readonly dims: Value["dims"] }>(); // the views of a state come back at every step
    const tensorOf = ({ dtype, data, dims }: Value): ort.Tensor => {
      const known = tensors.get(data);
      if (known && (known.dims === dims || String(known.dims) === String(dims))) return known.tensor;
      const tensor = new ort.Tensor(dtype, data as Float32Array, dims);
      tensors.set(data, { tensor, dims });
      return tensor;
    };
    const tensorsOf = (values: Values) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensorOf(value)]));
    return {
      release: () => session.release(),
      async run(feeds, outputs, into) {
        const [fed, written] = [tensorsOf(feeds), tensorsOf(into)];
        if (uncopied && outputs.every((name) => written[name])) {
          await runUncopied(session, fed, written);
          return { ...into };
        }
        const fetches = Object.fromEntries(outputs.map((name) => [name, written[name] ?? null]));
        const fetched = await session.run(fed, fetches);
        return Object.fromEntries(outputs.map((name) => [name, into[name] ?? toValue(fetched[name]!)]));
      },
    };
  },
};

const toValue = ({ type, dims, data }: ort.Tensor): Value =>
  ({ dtype: type as DType, dims, data: data as Data }) as Value;
