/** onnxruntime-web's WebAssembly build: in Node, on one thread, and without native code anywhere. */
import * as ort from "onnxruntime-web/wasm";
import type { Data, DType, Value } from "../tensor/dtype.ts";
import type { Engine } from "./engine.ts";

export const wasm: Engine = {
  async open(bytes, { threads }) {
    if (threads > 1) throw new TypeError(`wasm: ${threads} threads are asked for, but in Node this engine has one`);
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: ["wasm"],
      enableMemPattern: false,
      extra: { optimization: { disable_specified_optimizers: "GatherToSliceFusion" } }, // it drops a Range that is an output
    });
    return {
      release: () => session.release(),
      async run(feeds, outputs, into) {
        const fed = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, tensor(value)]));
        const fetched = await session.run(fed, outputs);
        return Object.fromEntries(outputs.map((name) => [name, deliver(fetched[name]!, into[name])]));
      },
    };
  },
};

const tensor = ({ dtype, data, dims }: Value) => new ort.Tensor(dtype, data as Float32Array, dims);

/** This engine never writes into a tensor it is given, and says nothing: so what it returns is copied there. */
function deliver({ type, dims, data }: ort.Tensor, into: Value | undefined): Value {
  if (!into) return { dtype: type as DType, dims, data: data as Data } as Value;
  (into.data as Float32Array).set(data as Float32Array);
  return into;
}
