/** What runs ONNX bytes. One file an engine; which one, the device says. */
import type { Value } from "../tensor/dtype.ts";

export type Device = "cpu" | "wasm";
export type Values = Readonly<Record<string, Value>>;

export interface Session {
  /** `into`: where to write outputs, by name; the others come back fresh. */
  run(feeds: Values, outputs: readonly string[], into: Values): Promise<Record<string, Value>>;
  release(): Promise<void>;
}

export interface SessionOptions {
  /** How many threads share one operator; 0: as many as the machine has cores. */
  readonly threads: number;
  /** Most runs say where to write every output. */
  readonly inPlace?: boolean;
}

export interface Engine {
  open(bytes: Uint8Array, options: SessionOptions): Promise<Session>;
}

/** The engine of a device, loaded when it is first asked for. */
export async function engineOf(device: Device): Promise<Engine> {
  if (device === "cpu") return (await import("./native.ts")).native;
  if (device === "wasm") return (await import("./wasm.ts")).wasm;
  throw new TypeError(`device: there is no "${device}"; there are cpu and wasm`);
}
