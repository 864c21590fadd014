/** How far a tokenizer's training is, on standard error: a line that moves on a terminal, else nothing but its stages. */
import type { TrainingProgress } from "../../tokenizers/index.ts";
import type { Context } from "../context.ts";
import { bar } from "./progress-line.ts";
import { compact, count } from "./words.ts";

export function createTrainingLine({ terminal, quiet, json }: Pick<Context, "terminal" | "quiet" | "json">) {
  let stage: string | undefined;
  return {
    show(progress: TrainingProgress): void {
      if (quiet || json) return;
      if (!terminal.interactive) {
        if (progress.stage !== stage) terminal.print(progress.stage === "reading" ? "reading" : "learning");
      } else terminal.pin(() => lineOf(progress, terminal.paint));
      stage = progress.stage;
    },
    close: () => terminal.pin(undefined),
  };
}

function lineOf(progress: TrainingProgress, paint: Context["terminal"]["paint"]): string {
  if (progress.stage === "reading") return `reading  ${compact(progress.done)} characters`;
  const { done, total } = progress;
  return `learning ${bar(done / total, 24, paint)} ${count(done)}/${count(total)}`;
}
