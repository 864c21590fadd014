/** Every architecture, one line each: tests, command line, studio and documentation take them from here. */
import { albert } from "./albert.ts";
import type { Architecture, NamedArchitecture } from "./architecture.ts";
import { bert } from "./bert.ts";
import { brief } from "./config.ts";
import { debertaV2 } from "./deberta-v2.ts";
import { distilbert } from "./distilbert.ts";
import { electra } from "./electra.ts";
import { falcon } from "./falcon.ts";
import { gemma } from "./gemma.ts";
import { gemma2 } from "./gemma2.ts";
import { gptNeoX } from "./gpt-neox.ts";
import { gpt2 } from "./gpt2.ts";
import { gpt3 } from "./gpt3.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { modernbert } from "./modernbert.ts";
import { nearest } from "./nearest.ts";
import { openAiGpt } from "./openai-gpt.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { gru, lstm, rnn } from "./recurrent.ts";
import { roberta } from "./roberta.ts";
import { seq2seq } from "./seq2seq.ts";
import { sequenceRegressor } from "./sequence-regressor.ts";

const decoders = [openAiGpt, gpt2, gpt3, llama, mistral, qwen2, qwen3, gemma, gemma2, gptNeoX, falcon];
const encoders = [bert, roberta, distilbert, albert, electra, debertaV2, modernbert];
const recurrent = [rnn, lstm, gru, sequenceRegressor, seq2seq];
const all = [...decoders, ...encoders, ...recurrent];

export const architectures: ReadonlyMap<string, NamedArchitecture<Architecture["spec"]["fields"]>> = new Map(
  all.map((one) => [one.spec.modelType, one as unknown as NamedArchitecture<Architecture["spec"]["fields"]>]),
);

/** The architecture of a `model_type`. Throws a TypeError that says which of the known ones is nearest. */
export function architectureOf(modelType: string) {
  const found = architectures.get(modelType);
  if (found) return found;
  if (modelType === "ngram")
    throw new TypeError(
      "model: an n-gram model is counted and has no network; train --model ngram, generate and evaluate know it",
    );
  const known = [...architectures.keys()];
  const close = nearest(modelType.slice(0, 80), known); // a file may say anything
  throw new TypeError(
    `model: there is no type ${brief(modelType)}; did you mean "${close}"? Known: ${known.join(", ")}; choose a checkpoint of one of them, or describe the network yourself with customModel`,
  );
}
