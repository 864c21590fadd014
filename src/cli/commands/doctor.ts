/** `trainformer doctor`: what this machine has, which device will be used and why, and how fast it is. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, freemem, loadavg, totalmem } from "node:os";
import type { Command } from "commander";
import type { Device } from "../../runtime/engine.ts";
import type { Context } from "../context.ts";
import { chooseDevice, DEVICES, failureOf } from "../device.ts";
import { table } from "../ui/table.ts";
import { bytes, compact } from "../ui/words.ts";

interface DoctorOptions {
  readonly speed: boolean;
}

export function describe(command: Command): void {
  command
    .option("--no-speed", "leave the five-second speed test out")
    .addHelpText(
      "after",
      "\nExamples:\n  $ trainformer doctor\n  $ trainformer doctor --device wasm --threads 1 --json",
    );
}

export async function run(_: readonly string[], { speed }: DoctorOptions, context: Context) {
  const machine = machineNow();
  const devices = await Promise.all(
    DEVICES.map(async (device) => {
      const failure = await failureOf(device);
      return { device, version: versionOf(device), works: failure === undefined, ...(failure && { why: failure }) };
    }),
  );
  const { device, why } = await chooseDevice(context.device);
  if (speed) context.log("measuring for five seconds …");
  const measured = speed
    ? await speeds(device, threadsTried(machine.cores, context.threads), context.signal)
    : undefined;
  context.result({ ...machine, devices, device, why, ...(measured && { speed: measured }) });

  const { paint } = context.output;
  const load = machine.load_average;
  const lines = [
    ["processor", `${machine.processor}, ${machine.cores} cores to use`],
    ["memory", `${bytes(machine.memory.total)}, ${bytes(machine.memory.free)} free`],
    ["system", `${machine.platform}, Node ${machine.node}`],
    ...devices.map(({ device, version, works, why }) => [
      device,
      `${works ? paint("green", "works") : paint("red", `does not work: ${why}`)} (${PACKAGES[device]} ${version})`,
    ]),
    ["device", `${paint("bold", device)}: ${why}`],
    ...(load > 0.5
      ? [["remark", paint("yellow", `others use ${load.toFixed(1)} cores now; what is measured here varies`)]]
      : []),
    ...(measured?.matmul_gflops.map(({ threads, gflops }) => [
      `matrix product, ${threads} thread${threads > 1 ? "s" : ""}`,
      `${gflops} GFLOP/s`,
    ]) ?? []),
    ...(measured?.training.map(({ threads, tokens_per_second }) => [
      `training a small GPT, ${threads} thread${threads > 1 ? "s" : ""}`,
      `${compact(tokens_per_second)} tokens/s`,
    ]) ?? []),
    ...(measured ? [["best", `--threads ${measured.best_threads} on this machine now`]] : []),
  ];
  context.print(
    table(
      lines.map(([name, value]) => [paint("dim", name!), value!]),
      "ll",
    ),
  );
  return undefined;
}

const PACKAGES: Readonly<Record<Device, string>> = { cpu: "onnxruntime-node", wasm: "onnxruntime-web" };

function machineNow() {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: { total: Math.min(totalmem(), process.constrainedMemory() || Infinity), free: freeMemory() },
    load_average: loadavg()[0] ?? 0,
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  };
}

/** What can still be had: more than what is unused, and less where the process is limited (from Node 20.13 on). */
const freeMemory = (): number => process.availableMemory?.() ?? freemem();

function versionOf(device: Device): string {
  const main = createRequire(import.meta.url).resolve(PACKAGES[device]);
  const [folder] = main.split(/(?<=onnxruntime-(?:node|web))[\\/]/);
  return (JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { readonly version: string }).version;
}

/** One and two, and all there are; or what is asked for. */
const threadsTried = (cores: number, asked: number | undefined): number[] =>
  asked !== undefined ? [asked] : [...new Set([1, 2, cores])].filter((threads) => threads <= cores);

/** About five seconds of measurements, shared evenly. */
async function speeds(device: Device, threads: readonly number[], signal: AbortSignal) {
  const { matmulSpeed, trainingSpeed } = await import("../speed-test.ts");
  const seconds = 5 / (2 * threads.length) - 0.2; // opening takes its part
  const matmul_gflops: { threads: number; gflops: number }[] = [];
  const training: { threads: number; tokens_per_second: number }[] = [];
  for (const n of threads) {
    signal.throwIfAborted();
    matmul_gflops.push({ threads: n, gflops: Math.round(await matmulSpeed(device, n, seconds)) });
    signal.throwIfAborted();
    training.push({ threads: n, tokens_per_second: Math.round(await trainingSpeed(device, n, seconds)) });
  }
  const best = training.reduce((a, b) => (b.tokens_per_second > a.tokens_per_second ? b : a));
  return { matmul_gflops, training, best_threads: best.threads };
}
