/** Which device will be used: the one asked for, else the first that works on this machine. */

import { toOnnx } from "../onnx/lower.ts";
import type { Device } from "../runtime/engine.ts";
import { openProgram } from "../runtime/program.ts";
import { add, input } from "../tensor/index.ts";
import { UserError } from "./errors.ts";

/** By speed. */
export const DEVICES: readonly Device[] = ["cpu", "wasm"];

export interface Choice {
  readonly device: Device;
  readonly why: string;
}

/** Throws a UserError where the device that is asked for does not work here, or none does. */
export async function chooseDevice(asked: Device | "webgpu" | undefined): Promise<Choice> {
  if (asked === "webgpu") throw new UserError("device: webgpu does not work in Node", { remedy: "use cpu or wasm" });
  if (asked !== undefined) {
    const failure = await failureOf(asked);
    if (failure !== undefined) throw new UserError(`device: ${asked} does not work here: ${failure}`);
    return { device: asked, why: "it is asked for" };
  }
  const failures: string[] = [];
  for (const device of DEVICES) {
    const failure = await failureOf(device);
    if (failure === undefined)
      return {
        device,
        why: failures.length === 0 ? "the fastest, and it works here" : `${failures.join("; ")}; it works here`,
      };
    failures.push(`${device} does not work here: ${failure}`);
  }
  throw new UserError(`device: none works: ${failures.join("; ")}`);
}

/** The device that is asked for, as an option: nothing where none is. Throws a UserError where it does not work here. */
export const askedDevice = async (asked: Device | "webgpu" | undefined): Promise<{ readonly device?: Device }> =>
  asked === undefined ? {} : { device: (await chooseDevice(asked)).device };

/** What went wrong when 1 + 1 was computed there; undefined: nothing. */
export async function failureOf(device: Device): Promise<string | undefined> {
  try {
    const [a, b] = [input([1]), input([1])];
    await using program = await openProgram(toOnnx({ a, b }, { sum: add(a, b) }), { device, threads: 1 });
    const one = { dtype: "float32", dims: [1], data: Float32Array.of(1) } as const;
    const { sum } = await program.run({ a: one, b: one });
    return sum?.data[0] === 2 ? undefined : `1 + 1 gave ${sum?.data[0]}`;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
