/** Would a model's numbers fit into this machine (Node)? Asked before any of them exist. */
import { totalmem } from "node:os";
import { countParams } from "../nn/index.ts";

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"];

/** Bytes that a process may have in all: the machine's, or what its container is given of them. */
export function machineMemory(): number {
  const limit = process.constrainedMemory() ?? 0; // 0: there is none
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

/**
 * Throws a RangeError if `copies` of the model's parameters in float32 are more than `bytes`: one to run it, four to
 * train it with Adam (weights, gradients, two slots). `name` begins the message.
 */
export function checkMemory(name: string, model: object, { copies = 1, bytes = machineMemory() } = {}): void {
  const parameters = countParams(model);
  const needed = 4 * parameters * copies;
  if (needed > bytes)
    throw new RangeError(
      `${name}: ${parameters.toLocaleString("en-US")} parameters need ${amount(needed)} of memory, but there are ${amount(bytes)}; choose smaller sizes`,
    );
}

/** 5070000000 → "5.07 GB". */
function amount(bytes: number): string {
  const unit = Math.max(0, Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)));
  return `${(bytes / 1000 ** unit).toLocaleString("en-US", { maximumSignificantDigits: 3 })} ${UNITS[unit]}`;
}
