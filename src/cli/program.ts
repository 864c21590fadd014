/** The command line's grammar: global options and commands, each of which is loaded only when it is called. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { CommandFile, Entry } from "./commands.ts";
import { type Context, createContext } from "./context.ts";
import { wholeNumber } from "./values.ts";

interface Options {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told when a command is about to be read: "trainformer train". */
  readonly entered: (path: string) => void;
  /** Told what the command gave. */
  readonly ended: (status: number) => void;
}

/** Throws CommanderErrors instead of ending the process; writes nothing but help and the version. */
export function createProgram(commands: readonly Entry[], options: Options): Command {
  const program = withoutOutput(new Command("trainformer"))
    .description("Build, train and look inside sequence models, from n-grams to Transformers.")
    .version(options.version, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .option("--json", "one JSON object a line on standard output, and nothing else there")
    .option("--quiet", "no progress and no remarks on standard error")
    .option("--debug", "tell where an error comes from")
    .option("--seed <n>", "of everything drawn at random", wholeNumber({ high: 2 ** 32 - 1 }))
    .option(
      "--threads <n>",
      "how many threads share the work (default: one a core)",
      wholeNumber({ low: 1, high: 1024 }),
    )
    .addOption(new Option("--device <name>", "what computes (default: see doctor)").choices(["cpu", "wasm", "webgpu"]));
  addAll(program, commands, options);
  return program;
}

function addAll(parent: Command, entries: readonly Entry[], options: Options): void {
  const entryOf = new Map(
    entries.map((entry) => {
      const command = parent.command(entry.name).description(entry.summary).helpOption("-h, --help", "print this help");
      if ("commands" in entry) addAll(command.helpCommand(false), entry.commands, options);
      return [withoutOutput(command).configureHelp({ showGlobalOptions: true }), entry] as const;
    }),
  );
  parent.hook("preSubcommand", async (_, command) => {
    const entry = entryOf.get(command);
    if (!entry) return;
    options.entered(pathOf(command));
    if (!("load" in entry)) return;
    const file = await entry.load();
    file.describe(command);
    command.action(async () => options.ended(await runCommand(file, command, options.signal)));
  });
}

async function runCommand(file: CommandFile, command: Command, signal: AbortSignal): Promise<number> {
  let root = command;
  while (root.parent) root = root.parent;
  const context = createContext(root.opts(), signal);
  await tellBases([...command.args, command.opts()["model"]], context);
  return (await file.run(command.args, command.opts() as never, context)) ?? 0;
}

/** The base of an adapter's folder is looked for by its name: which one was found is told. */
async function tellBases(words: readonly unknown[], { log }: Context): Promise<void> {
  const holdsAdapter = (folder: string) =>
    ["", "adapter"].some((part) => existsSync(join(folder, part, "adapter_config.json")));
  const folders = words.filter((word): word is string => typeof word === "string" && holdsAdapter(word));
  if (folders.length === 0) return;
  const { adapterPaths } = await import("../hub/index.ts");
  const found = (folder: string) => {
    try {
      const paths = adapterPaths(folder);
      return paths?.byName ? [paths.base] : [];
    } catch {
      return []; // the command says what is wrong, where it wants the base
    }
  };
  for (const base of new Set(folders.flatMap(found))) log(`base: ${base}`);
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** Errors are thrown, and printed by `main`; help for lack of a command goes to standard error. */
const withoutOutput = (command: Command): Command => command.exitOverride().configureOutput({ outputError: () => {} });
