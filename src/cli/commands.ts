/** Every command, one entry each: its name, what it does, and the file that is loaded when it is called. */
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** What a command's file exports. */
export interface CommandFile {
  /** Adds its arguments, options and examples. */
  describe(command: Command): void;
  /** Does it; gives the exit status if it is not 0. `options` are those it described, in camelCase. */
  run(args: readonly string[], options: never, context: Context): Promise<number | undefined>;
}

/** A command, or a group of them: "tokenizer train". */
export type Entry = { readonly name: string; readonly summary: string } & (
  | { readonly load: () => Promise<CommandFile> }
  | { readonly commands: readonly Entry[] }
);

export const commands: readonly Entry[] = [
  { name: "train", summary: "train a model on a task", load: () => import("./commands/train.ts") },
  {
    name: "generate",
    summary: "text that goes on from a prompt",
    load: () => import("./commands/generate.ts"),
  },
  {
    name: "predict",
    summary: "what a model's task says of texts",
    load: () => import("./commands/predict.ts"),
  },
  {
    name: "evaluate",
    summary: "a model's loss and metrics on held-out data",
    load: () => import("./commands/evaluate.ts"),
  },
  {
    name: "verify",
    summary: "compare a model folder with the reference numbers beside it",
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "tokenizer",
    summary: "train a tokenizer, and see how one cuts texts",
    commands: [
      { name: "train", summary: "learn a tokenizer from text", load: () => import("./commands/tokenizer/train.ts") },
      {
        name: "encode",
        summary: "a text's pieces, ids and places",
        load: () => import("./commands/tokenizer/encode.ts"),
      },
      { name: "decode", summary: "the text of ids", load: () => import("./commands/tokenizer/decode.ts") },
      {
        name: "report",
        summary: "several tokenizers on one text, as a page",
        load: () => import("./commands/tokenizer/report.ts"),
      },
    ],
  },
  {
    name: "summary",
    summary: "a model's parameters by part, its memory and its arithmetic, before anything runs",
    load: () => import("./commands/summary.ts"),
  },
  {
    name: "inspect",
    summary: "figures of what happens inside of a model",
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "compare",
    summary: "several runs' curves, and the settings that differ",
    load: () => import("./commands/compare.ts"),
  },
  {
    name: "doctor",
    summary: "what this machine has, which device will be used and why, and how fast it is",
    load: () => import("./commands/doctor.ts"),
  },
  { name: "bench", summary: "how fast training steps are on this machine", load: () => import("./commands/bench.ts") },
];
