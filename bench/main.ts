/** `npm run bench -- CASE…`: training steps of known sizes, ours and a peer's, in turns; and what else is measured by hand. */
import { availableParallelism, loadavg } from "node:os";
import { Command, Option } from "commander";
import { type Case, caseOf, cases } from "../src/cli/cases.ts";
import { complaintOf } from "../src/cli/errors.ts";
import { table } from "../src/cli/ui/table.ts";
import { bytes } from "../src/cli/ui/words.ts";
import { wholeNumber } from "../src/cli/values.ts";
import type { Precision } from "../src/onnx/index.ts";
import type { Device } from "../src/runtime/engine.ts";
import { alternate, disagreement, type Line, lineOf } from "./compare.ts";
import { findPeer, type Peer, peers, runOurs } from "./side.ts";
import { writeStart } from "./start.ts";

interface Options {
  readonly peer?: (typeof peers)[number];
  readonly compile?: boolean;
  readonly bf16?: boolean;
  readonly precision: Precision;
  readonly device: Device;
  readonly memory?: boolean;
  readonly startup?: boolean;
  readonly threads: number;
  readonly pairs: number;
  readonly json?: boolean;
}

/** Sets the process's exit status: 1 where the two sides' losses differ or a side fails, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv, { from: "user" });
  } catch (error) {
    if ((error as { exitCode?: number }).exitCode === 0) return; // help, and it is printed
    const { status, message, remedy } = complaintOf(error, "npm run bench --");
    process.stderr.write(`error: ${message}${remedy ? `; ${remedy}` : ""}\n`);
    process.exitCode = status;
  }
}

export function program(): Command {
  const threads = (command: Command) =>
    command.option(
      "--threads <n>",
      "of both sides (default: one a core)",
      wholeNumber({ low: 1 }),
      availableParallelism(),
    );
  const bench = threads(new Command("npm run bench --"))
    .description("Times training steps, ours and a peer's.")
    .argument("<cases...>", Object.keys(cases).join(", "))
    .addOption(new Option("--peer <name>", "what to compare with").choices([...peers]))
    .option("--compile", "the peer compiles its model (torch.compile)")
    .option("--bf16", "the peer computes in bfloat16 where it can (autocast)")
    .addOption(
      new Option("--precision <name>", "of our matrix products").choices(["float32", "int8"]).default("float32"),
    )
    .addOption(new Option("--device <name>", "that ours runs on").choices(["cpu", "wasm"]).default("cpu"))
    .option("--memory", "also tell the most memory that was resident")
    .option("--startup", "also tell the time from the process's start to its first step's end")
    .option("--pairs <n>", "how often each side runs", wholeNumber({ low: 1 }), 7)
    .option("--json", "one JSON line a case")
    .action((names: readonly string[], options: Options) => compareAll(names, options));
  threads(bench.command("alternate").description("two programs in turns in one process, beside each alone")).action(
    async (_, command: Command) => (await import("./alternate.ts")).run(command.optsWithGlobals<Options>().threads),
  );
  threads(bench.command("profile").description("a case's step by operator and by layer").argument("<case>")).action(
    async (name: string, _, command: Command) => {
      const { threads, precision } = command.optsWithGlobals<Options>();
      await (await import("./profile.ts")).run(caseOf(name), threads, precision);
    },
  );
  threads(bench.command("decode").description("GPT-2 small goes on with a prompt, token by token")).action(
    async (_, command: Command) => (await import("./decode.ts")).run(command.optsWithGlobals<Options>()),
  );
  bench
    .command("tokenizers")
    .description("published vocabularies on a text, ours and Rust's, and the training of one")
    .option("--text <file>", "what is encoded and learned from", "../shared/data/tinyshakespeare/input.txt")
    .option("--vocabularies <folder>", "gpt2/, bert_uncased/, spm_unigram_en/", "../shared/data/tokenizers")
    .action(async (_, command: Command) => (await import("./tokenizers.ts")).run(command.optsWithGlobals()));
  for (const command of [bench, ...bench.commands]) command.exitOverride().configureOutput({ outputError: () => {} });
  return bench;
}

async function compareAll(names: readonly string[], options: Options): Promise<void> {
  const chosen = names.map((name) => [name, caseOf(name)] as const);
  const peer = options.peer && findPeer(options.peer);
  const lines: Line[] = [];
  for (const [name, given] of chosen) {
    const line = await measure(name, given, peer, options);
    lines.push(line);
    if (options.json) console.log(JSON.stringify(line));
    const wrong = disagreement(line, given, options.precision);
    if (wrong === undefined) continue;
    process.stderr.write(`${wrong}\n`);
    process.exitCode = 1;
  }
  if (!options.json) console.log(inWords(lines, options));
}

async function measure(name: string, given: Case, peer: Peer | undefined, options: Options) {
  using start = writeStart(given);
  const { folder } = start;
  const theirs = peer && "run" in peer ? () => peer.run(given, folder, options) : undefined;
  const runs = await alternate(options.pairs, () => runOurs(name, folder, options), theirs);
  return lineOf(name, runs, options, peer && "missing" in peer ? peer.missing : undefined);
}

function inWords(lines: readonly Line[], { threads, pairs, memory, startup }: Options): string {
  const both = (a: number, b: number | null | undefined, show: (x: number) => string) => [
    show(a),
    b == null ? "" : show(b),
  ];
  const ms = (x: number) => `${x.toFixed(x < 100 ? 1 : 0)} ms`;
  const twice = (title: string) => [title, "peer's"];
  const head = [
    ...["", ...twice("ours"), "ratio", ...twice("loss")],
    ...[...(memory ? twice("memory") : []), ...(startup ? twice("start-up") : []), "peer"],
  ];
  const rows = lines.map((line) => [
    ...[line.case, ...both(line.ours_ms, line.peer_ms, ms), line.ratio?.toFixed(3) ?? ""],
    ...both(line.ours_loss, line.peer_loss, (x) => x.toFixed(5)),
    ...(memory ? both(line.ours_rss!, line.peer_rss, bytes) : []),
    ...(startup ? both(line.ours_startup_ms!, line.peer_startup_ms, ms) : []),
    line.peer ?? line.why ?? "",
  ]);
  const load = loadavg()[0]!.toFixed(1);
  const foot = `${threads} threads, medians of ${pairs} runs; ratio: the median of peer / ours. Load average now: ${load}`;
  return `${table([head, ...rows], `l${"r".repeat(head.length - 2)}l`)}\n${foot}`;
}
