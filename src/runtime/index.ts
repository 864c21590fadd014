/** ONNX graphs as running programs. */
export { type Compiled, compile, type Tree, type ValuesOf } from "./compile.ts";
export type { Device } from "./engine.ts";
export { openProgram, type Program, type ProgramOptions } from "./program.ts";
