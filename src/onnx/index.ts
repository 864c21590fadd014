/** Graphs of tensors as ONNX files, and ONNX files read. */
export { decodeModel } from "./decode.ts";
export { encodeModel } from "./encode.ts";
export { type Named, type OnnxProgram, type Precision, type Signature, toOnnx } from "./lower.ts";
export type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./model.ts";
