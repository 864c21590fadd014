/** Would a model's numbers fit into this machine (Node)? Asked before any of them exist. */
import { totalmem } from "node:os";
import { countParams } from "../nn/index.ts";

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
      `${name}: ${parameters.toLocaleString("en-US")} parameters need ${gigabytes(needed)} of memory, but there are ${gigabytes(bytes)}; choose smaller sizes`,
    );
}

const gigabytes = (bytes: number): string =>
  `${(bytes / 1e9).toLocaleString("en-US", { maximumSignificantDigits: 3 })} GB`;
