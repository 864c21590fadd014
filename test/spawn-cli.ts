/** Runs the command line as a user does, and tells what came of it. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ended {
  /** The exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const BIN = fileURLToPath(new URL("../bin/trainformer.js", import.meta.url));

interface Surroundings {
  /** May send signals. */
  readonly during?: (child: ChildProcess) => void;
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder that it is called in. */
  readonly cwd?: string;
}

export function trainformer(
  args: readonly string[],
  { during, env = {}, cwd = process.cwd() }: Surroundings = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject).on("close", (status, signal) => resolve({ status: status ?? signal, stdout, stderr }));
    during?.(child);
  });
}

/** Standard output's JSON lines; throws where one is no compact object. */
export function jsonLines({ stdout }: Ended): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const value = JSON.parse(line) as Record<string, unknown>;
      if (JSON.stringify(value) !== line || !line.startsWith("{")) throw new Error(`no compact JSON object: ${line}`);
      return value;
    });
}
