/** Files from outside, checked before use: safetensors, JSON, and the narrow floats they hold. */
export { removeUnfinished, replaceFile, syncFolder, writeFileAtomic } from "./atomic.ts";
export type { HostArray, HostDtype, HostTensor } from "./dtype.ts";
export {
  bfloat16ToFloat32,
  float8e4m3ToFloat32,
  float8e5m2ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half.ts";
export { type Json, type JsonLimits, type JsonObject, parseJson } from "./json.ts";
export { readJson } from "./json-file.ts";
export { openSafetensors } from "./safetensors-file.ts";
export { type Header, headerLength, parseHeader, type TensorInfo } from "./safetensors-header.ts";
export { openSafetensorsBytes, type Weights } from "./safetensors-reader.ts";
export { writeSafetensors } from "./safetensors-write.ts";
export { openShardedSafetensors, openWeights } from "./weights.ts";
