/** Every command line in the README, the docs and the examples of --help parses, and none of its flags is refused. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CommandFile, commands, type Entry } from "../src/cli/commands.ts";
import { createProgram } from "../src/cli/program.ts";
import { checkCountedFlags, checkModelFlags, checkTaskFlags, checkWordFlags } from "../src/cli/task-flags.ts";

const root = join(import.meta.dirname, "..");
const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => join("docs", name));
const names = commands.map(({ name }) => name).join("|");

/** Of blocks of shell commands, and of the README's table. */
function linesOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8").replace(/\\\n\s*/g, "");
  const shown = [...text.matchAll(/^(?:npx )?trainformer (.*)$/gm)];
  const told = [...text.matchAll(new RegExp(`^\\| \`((?:${names}) [^\`]*)\``, "gm"))];
  return [...shown, ...told].map(([, line]) => line!);
}

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare!);

/** What a page's runs were trained on, by folder. */
const trained = new Map<string, string>();

/** What `run` would check of the flags before it opens a file. */
const checks: Readonly<Record<string, (args: readonly string[], options: Record<string, unknown>) => void>> = {
  train: (_, options) => {
    const {
      task,
      model,
      out,
      tokenizer = task === "translation" ? "word" : "char",
    } = options as Record<string, string>;
    if (out !== undefined) trained.set(out, model === "ngram" ? model : task!);
    if (model === "ngram") checkCountedFlags(options);
    else checkTaskFlags(options, task!);
    checkWordFlags(options, tokenizer, task!);
  },
  evaluate: ([folder], options) =>
    checkModelFlags("evaluate", options, trained.get(folder!) ?? guess(options, "language-modeling")),
  predict: ([folder], options) =>
    checkModelFlags("predict", options, trained.get(folder!) ?? guess(options, "translation")),
};
const guess = ({ source, horizon }: Record<string, unknown>, usual: string) =>
  source ? "translation" : horizon ? "sequence-regression" : usual;

const parsed: string[] = [];
const checking = (entries: readonly Entry[]): Entry[] =>
  entries.map((entry) => {
    if ("commands" in entry) return { ...entry, commands: checking(entry.commands) };
    const load = async (): Promise<CommandFile> => ({
      describe: (await entry.load()).describe,
      run: async (args, options) => {
        checks[entry.name]?.(args, options);
        parsed.push(entry.name);
        return 0;
      },
    });
    return { ...entry, load };
  });

const parse = (words: readonly string[]) =>
  createProgram(checking(commands), {
    version: "1",
    signal: new AbortController().signal,
    entered: () => {},
    ended: () => {},
  }).parseAsync([...words], { from: "user" });

test.each(["README.md", ...pages])("the commands of %s", async (page) => {
  for (const line of linesOf(page)) {
    parsed.length = 0;
    await parse(wordsOf(line)).catch((error: unknown) => {
      throw new Error(`${line}: ${(error as Error).message}`);
    });
    expect(parsed, line).toHaveLength(1);
  }
});

test("no page has two commands that write one run", () => {
  for (const page of pages) {
    const outs = linesOf(page).flatMap((line) => /^train .*--out (\S+)/.exec(line)?.[1] ?? []);
    expect(new Set(outs).size, page).toBe(outs.length);
  }
});

test("the README has a table of commands, and the docs have many", () => {
  expect(linesOf("README.md").length).toBeGreaterThan(8);
  expect(pages.flatMap(linesOf).length).toBeGreaterThan(20);
});

test("the examples of --help", async () => {
  const { Command } = await import("commander");
  let examples = 0;
  for (const entry of commands) {
    if (!("load" in entry)) continue;
    const help: string[] = [];
    const command = new Command(entry.name).configureOutput({ writeOut: (text) => void help.push(text) });
    (await entry.load()).describe(command);
    command.outputHelp();
    for (const [, line] of help.join("").matchAll(/^ *\$ trainformer (.*)$/gm)) {
      await parse(wordsOf(line!));
      examples++;
    }
  }
  expect(examples).toBeGreaterThan(5);
});
