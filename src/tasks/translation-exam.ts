/** What a translating model is to write for held-out sources, and how good what it writes is. */
import {
  bleu,
  bleuMetric,
  bootstrap,
  type Confidence,
  chrf,
  chrfMetric,
  type Scored,
  scored,
  ter,
  terMetric,
} from "../metrics/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { idOf, type Rows } from "./pair-rows.ts";
import type { Exam, Writing } from "./task.ts";
import { sourceBatch } from "./text-pairs.ts";

const BATCH = 64; // texts written at once

/** What a text of the target begins after: the token for it, or padding, as in T5. */
export const startOf = (tokenizer: Tokenizer): number =>
  idOf(tokenizer, tokenizer.specialTokens.bos === undefined ? "pad" : "bos");

export function writingOf(target: Tokenizer, maxNewTokens: number): Writing {
  const { unk } = target.specialTokens;
  const unknown = unk === undefined ? undefined : target.tokenToId(unk);
  return {
    start: [startOf(target)],
    eosTokenId: idOf(target, "eos"),
    padTokenId: idOf(target, "pad"),
    maxNewTokens,
    suppressTokens: unknown === undefined ? [] : [unknown], // it stands for a word, and is none
  };
}

interface Examined {
  readonly tokenizer: Tokenizer;
  readonly target: Tokenizer;
  readonly writing: Writing;
  readonly lowercase: boolean;
}

export function examOf(held: Rows, rows: readonly number[], { tokenizer, target, writing, lowercase }: Examined): Exam {
  const references = rows.map((row) => held.target[row]!);
  const pad = idOf(tokenizer, "pad");
  const parts = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, i) =>
    rows.slice(i * BATCH, (i + 1) * BATCH),
  );
  return {
    inputs: rows.map((row) => held.source[row]!),
    references,
    lengths: rows.map((row) => held.sourceIds[row]!.length),
    sources: parts.map((part) =>
      sourceBatch(
        part.map((row) => held.sourceIds[row]!),
        pad,
      ),
    ),
    writing,
    text: (ids) => target.decode(ids, { skipSpecialTokens: true }),
    score: (texts) => translationScores(texts, references, { lowercase }),
  };
}

/** BLEU (13a), chrF2 and TER (which reads lower case always) as sacreBLEU gives them, and equal texts, all in percent. */
export const translationScores = (
  texts: readonly string[],
  references: readonly string[],
  { lowercase = false } = {},
) => ({
  bleu: bleu(texts, references, { lowercase }).score,
  chrf: chrf(texts, references, { lowercase }).score,
  ter: ter(texts, references).score,
  exact_match: (100 * texts.filter((text, i) => text === references[i]).length) / texts.length,
});

/** How sure each of these scores is: the bootstrap's 95 % intervals, as sacreBLEU's. */
export function translationConfidence(
  texts: readonly string[],
  references: readonly string[],
  { lowercase = false } = {},
): Readonly<Record<keyof ReturnType<typeof translationScores>, Confidence>> {
  const equal: Scored = {
    statistics: texts.map((text, i) => [Number(text === references[i]), 1]),
    score: ([right, all]) => (100 * right!) / all!,
  };
  return {
    bleu: bootstrap(scored(bleuMetric({ lowercase }), texts, references)),
    chrf: bootstrap(scored(chrfMetric({ lowercase }), texts, references)),
    ter: bootstrap(scored(terMetric(), texts, references)),
    exact_match: bootstrap(equal),
  };
}
