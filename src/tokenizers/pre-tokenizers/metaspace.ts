/** SentencePiece's way to cut text: a space is written ▁ and belongs to the word that follows. */
import { type Edit, editSequence, type Traced } from "../edit.ts";
import { prepend, replace } from "../normalizers/replace.ts";
import { escapeRegex } from "../special-tokens.ts";
import { type Stage, splitAt } from "./stage.ts";

export const prependSchemes = ["first", "never", "always"] as const;

export interface MetaspaceOptions {
  replacement: string;
  /** Whether a text without a ▁ gets one: only where the caller's text begins, never, or wherever the pre-tokenizer begins. */
  prependScheme: (typeof prependSchemes)[number];
  split: boolean;
}

export function metaspace({ replacement, prependScheme, split }: MetaspaceOptions): Stage[] {
  const added = prepend(replacement);
  const wants = (text: string, first: boolean) =>
    (prependScheme === "always" || (prependScheme === "first" && first)) && !text.startsWith(replacement);
  const begin: Edit = {
    apply: (text, first) => (wants(text, first) ? added.apply(text, first) : text),
    trace: (text, first): Traced => (wants(text, first) ? added.trace(text, first) : { text }),
  };
  const edit = editSequence([replace(/ /g, replacement), begin]);
  const stage: Stage = { edit, everywhere: prependScheme !== "first" };
  return split ? [stage, splitAt(new RegExp(escapeRegex(replacement), "gu"), "MergedWithNext")] : [stage];
}
