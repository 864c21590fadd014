/** What every command is given beside its own options: the global options, and where its words and results go. */
import type { Device } from "../runtime/engine.ts";
import { warningLine } from "./ui/event-lines.ts";
import { openTerminal, type Terminal } from "./ui/terminal.ts";

/** As commander reads them; an option that is not given is not there. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
  readonly seed?: number;
  readonly threads?: number;
  readonly device?: Device | "webgpu";
}

export interface Context extends Omit<GlobalOptions, "json" | "quiet"> {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Aborted by Ctrl-C: a command ends as soon as it can, and leaves its files whole. */
  readonly signal: AbortSignal;
  /** Standard error. */
  readonly terminal: Terminal;
  /** Standard output's look. */
  readonly output: Terminal;
  /** One JSON line on standard output, with --json. */
  result(record: object): void;
  /** Text for people on standard output, unless there is --json. */
  print(text: string): void;
  /** A line on standard error, unless there is --quiet. */
  log(text: string): void;
  /** What the user should know, on standard error. */
  warn(message: string): void;
}

export function createContext(
  { json = false, quiet = false, ...options }: GlobalOptions,
  signal: AbortSignal,
): Context {
  const terminal = openTerminal(process.stderr);
  const output = openTerminal(process.stdout);
  const write = (line: string) => terminal.aside(() => output.print(line));
  return {
    ...options,
    json,
    quiet,
    signal,
    terminal,
    output,
    result: (record) => {
      if (json) write(JSON.stringify(record));
    },
    print: (text) => {
      if (!json) write(text);
    },
    log: (text) => {
      if (!quiet) terminal.print(text);
    },
    warn: (message) => terminal.print(warningLine(message, terminal.paint)),
  };
}
