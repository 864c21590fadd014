/** An ONNX graph opened in an engine: typed arrays in, typed arrays out. What it holds is freed by `close`. */
import type { OnnxProgram, Signature } from "../onnx/lower.ts";
import { type Device, engineOf, type Values } from "./engine.ts";
import { checkFeeds, checkInto } from "./feeds.ts";

export interface ProgramOptions {
  readonly device?: Device;
  /** How many threads share one operator; 0, the default: as many as the machine has cores. */
  readonly threads?: number;
}

interface OpenOptions extends ProgramOptions {
  /** Most runs will say where to write every output: the engine is then spared a copy of each. */
  readonly inPlace?: boolean;
}

export interface Program extends AsyncDisposable {
  readonly inputs: readonly Signature[];
  readonly outputs: readonly Signature[];
  /**
   * Run the graph. Outputs named in `into` are written there, the others are returned fresh.
   * Throws a TypeError that names the input where a feed does not fit, and an Error once the program is closed.
   */
  run(feeds: Values, into?: Values): Promise<Record<string, Values[string]>>;
  close(): Promise<void>;
}

export async function openProgram(
  { bytes, inputs, outputs, needs }: OnnxProgram,
  { device = "cpu", threads = 0, inPlace = false }: OpenOptions = {},
): Promise<Program> {
  const session = await (await engineOf(device)).open(bytes, { threads, inPlace });
  const names = outputs.map(({ name }) => name);
  let running: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= running.then(() => session.release());
    return closing;
  };
  return {
    inputs,
    outputs,
    close,
    [Symbol.asyncDispose]: close,
    async run(feeds, into = {}) {
      if (closing) throw new Error("program: it is closed");
      checkInto(outputs, into, checkFeeds(inputs, feeds, needs));
      const run = session.run(feeds, names, into);
      running = run.catch(() => {});
      return run;
    },
  };
}
