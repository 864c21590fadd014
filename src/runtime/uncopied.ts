/**
 * Outputs that are written where they belong, and not copied. onnxruntime-node (1.30) lets the engine write an output into the
 * array that it is given, and then copies it once more for an answer that nobody reads. The answer is put together in the
 * outputs' order, and that throws at one which is no tensor: behind an empty sequence, all others have been written by then,
 * and none is copied. Whether this holds is tried before it is relied on.
 */
import ort from "onnxruntime-node";
import { graphProto, modelProto, nodeProto, valueInfoProto } from "../onnx/fields.ts";
import { toOnnx } from "../onnx/lower.ts";
import { embed, message, text } from "../onnx/write-message.ts";
import { add } from "../tensor/ops/index.ts";
import { input } from "../tensor/tensor.ts";

const SEQUENCE = ":sequence";
const IS_NO_TENSOR = /non tensor/i;

/** The model with an empty sequence before its outputs: of two messages in a row, protobuf reads one with the fields of both. */
export function sequenceFirst(model: Uint8Array): Uint8Array {
  const front = message((to) =>
    embed(to, modelProto.graph, (graph) => {
      embed(graph, graphProto.node, (node) => {
        text(node, nodeProto.output, SEQUENCE);
        text(node, nodeProto.opType, "SequenceEmpty");
      });
      embed(graph, graphProto.output, (output) => text(output, valueInfoProto.name, SEQUENCE));
    }),
  );
  const bytes = new Uint8Array(front.length + model.length);
  bytes.set(front);
  bytes.set(model, front.length);
  return bytes;
}

/** Runs a session of such a model; every output is written into its tensor. */
export async function runUncopied(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  into: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { [SEQUENCE]: null, ...into });
  } catch (error) {
    if (!(error instanceof Error && IS_NO_TENSOR.test(error.message))) throw error;
  }
}

/** Whether the binding does so here, by an addition of 1 and 2: it throws, and 3 is there. */
async function trial(): Promise<boolean> {
  const [a, b] = [input([1]), input([1])];
  const session = await ort.InferenceSession.create(sequenceFirst(toOnnx({ a, b }, { y: add(a, b) }).bytes));
  const of = (x: number) => new ort.Tensor("float32", Float32Array.of(x), [1]);
  const y = of(0);
  try {
    await session.run({ a: of(1), b: of(2) }, { [SEQUENCE]: null, y });
    return false;
  } catch (error) {
    return error instanceof Error && IS_NO_TENSOR.test(error.message) && y.data[0] === 3;
  } finally {
    await session.release();
  }
}

let known: Promise<boolean> | undefined;
/** Tried once in each thread; an engine that refuses the model copies. */
export const canSkipCopies = (): Promise<boolean> => {
  known ??= trial().catch(() => false);
  return known;
};
