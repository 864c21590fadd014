/** `trainformer verify FOLDER`: does a model folder give the numbers that its reference gave? */
import type { Command } from "commander";
import type { TensorReport } from "../../verify.ts";
import type { Context } from "../context.ts";
import { chooseDevice } from "../device.ts";
import { checked, Status, UserError } from "../errors.ts";
import { scientific } from "../ui/words.ts";
import { list, number } from "../values.ts";

interface VerifyOptions {
  readonly only?: readonly string[];
  readonly tolerance?: number;
}

export function describe(command: Command): void {
  command
    .argument("<folder>", "a model folder that holds expected.safetensors")
    .option("--only <names>", "compare these alone: outputs, grads, losses, generate, or longer beginnings", list)
    .option("--tolerance <x>", "multiply every limit by this", number({ low: 0, open: true }))
    .addHelpText("after", "\nExample:\n  $ trainformer verify golden/gpt2 --only outputs,grads");
}

export async function run([folder]: readonly string[], options: VerifyOptions, context: Context) {
  const { device } = await chooseDevice(context.device);
  const { openReference, verifyFolder } = await import("../../verify.ts");
  const fault = await checked(() => {
    const { folder: model, expected, fault } = openReference(folder!);
    model.close();
    expected.close();
    return fault;
  });
  if (fault !== undefined) context.log(`${folder}: ${fault}; its numbers are compared with the same done here`);
  const reports = verifyFolder(folder!, { ...options, device, ...(context.threads && { threads: context.threads }) });
  let [tensors, failed] = [0, 0];
  for await (const report of asked(reports)) {
    context.signal.throwIfAborted();
    if (tensors === 0) context.print(heading(context));
    context.result(report);
    context.print(row(report, context));
    tensors += 1;
    failed += Number(!report.ok);
  }
  context.result({ verified: failed === 0, tensors, failed });
  context.print(verdict(tensors, failed, context));
  return failed === 0 ? Status.done : Status.failed;
}

/** A TypeError before the first report says that what was asked for cannot be compared. */
async function* asked(reports: AsyncIterable<TensorReport>): AsyncGenerator<TensorReport> {
  let begun = false;
  try {
    for await (const report of reports) {
      begun = true;
      yield report;
    }
  } catch (error) {
    throw error instanceof TypeError && !begun ? new UserError(error.message, { cause: error }) : error;
  }
}

const NAME = 52; // columns
const heading = ({ output: { paint } }: Context): string =>
  paint("dim", `   ${"tensor".padEnd(NAME)}  largest  relative     limit`);

function row({ name, max_abs, max_rel, limit, ok }: TensorReport, { output: { paint } }: Context): string {
  const numbers = [max_abs, max_rel, limit].map((x, i) => scientific(x).padStart(i === 0 ? 7 : 8)).join("  ");
  return `${ok ? paint("green", " ✓") : paint("red", " ✗")} ${name.padEnd(NAME)}  ${ok ? numbers : paint("red", numbers)}`;
}

const verdict = (tensors: number, failed: number, { output: { paint } }: Context): string =>
  failed === 0
    ? paint("green", `verified: ${tensors} ${tensors === 1 ? "tensor agrees" : "tensors agree"} with the reference`)
    : paint(
        "red",
        `not verified: ${failed} of ${tensors} tensors ${failed === 1 ? "is" : "are"} further from the reference than allowed`,
      );
