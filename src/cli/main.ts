/** `trainformer <command>`: reads the command line, runs the command, and says with which status the process ends. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CommanderError } from "commander";
import { commands } from "./commands.ts";
import { complaintOf, Status } from "./errors.ts";
import { createProgram } from "./program.ts";
import { openTerminal } from "./ui/terminal.ts";

/**
 * Runs one command line, `process.argv.slice(2)`, and sets the process's exit status; it never throws. Ctrl-C asks the
 * command to end; a second one ends the process at once.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  process.on("SIGINT", () => interrupt(stop)).on("SIGTERM", () => interrupt(stop));
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stop.abort(error); // whoever read it has gone
  });
  process.on("uncaughtException", (error) => {
    complain(error, "trainformer", argv);
    process.exit(Status.failed);
  });
  process.exitCode = await statusOf(argv, stop.signal);
}

async function statusOf(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let where = "trainformer";
  let status: number = Status.done;
  const program = createProgram(commands, {
    version: version(),
    signal,
    entered: (path) => {
      where = path;
    },
    ended: (given) => {
      status = given;
    },
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return signal.aborted ? interrupted(argv) : status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return Status.done; // help or version, and they are printed
    if (signal.aborted) return interrupted(argv);
    if (error instanceof CommanderError && error.code === "commander.help" && !argv.includes("--json"))
      return Status.usage; // no command is given: its help is printed
    return complain(error, where, argv);
  }
}

/** One line on standard error, one event with --json, the stack with --debug; gives the status to end with. */
function complain(error: unknown, where: string, argv: readonly string[]): number {
  const { status, message, remedy } = complaintOf(error, where);
  const { paint } = openTerminal(process.stderr);
  if (argv.includes("--json"))
    process.stdout.write(`${JSON.stringify({ event: "error", message, ...(remedy && { remedy }) })}\n`);
  process.stderr.write(`${paint("red", "error:")} ${message}${remedy ? `; ${remedy}` : ""}\n`);
  if (argv.includes("--debug") && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return status;
}

function interrupted(argv: readonly string[]): number {
  if (!argv.includes("--quiet")) process.stderr.write("interrupted\n");
  return Status.interrupted;
}

function interrupt(stop: AbortController): void {
  if (stop.signal.aborted) process.exit(Status.interrupted);
  stop.abort(new Error("interrupted"));
}

function version(): string {
  const file = createRequire(import.meta.url).resolve("trainformer/package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}
