/**
 * How likely a masked-language model finds a text: every token is hidden alone and guessed from all others of its row
 * (Salazar et al. 2020, "Masked Language Model Scoring", arXiv:1910.14659, §2).
 */
import { maskedLanguageModeling, maskIdOf } from "./masked-language-modeling.ts";
import { ends } from "./masked-text.ts";
import type { Batch, Counted, Dataset, Task } from "./task.ts";
import { openTokens, type TextData } from "./text.ts";

/**
 * To evaluate, not to train with: its data is the held-out part, all of it in rows of at most `blockSize` tokens, the
 * special ones that stand around each among them. A row is read once for each of its tokens. The metric is
 * exp(−1/N Σ log P(wₜ | all but wₜ)).
 */
export function pseudoPerplexity({ blockSize = 128 }: { readonly blockSize?: number } = {}): Task<TextData> {
  return {
    ...maskedLanguageModeling({ blockSize }),
    metrics: (loss) => ({ pseudo_perplexity: Math.exp(loss) }),
    async open(data, tokenizer, { batchSize }): Promise<Dataset> {
      const maskId = maskIdOf(tokenizer);
      const { cls, sep } = ends(tokenizer);
      const [before, behind] = [cls, sep].map((id) => (id === undefined ? [] : [id])) as [number[], number[]];
      const size = blockSize - before.length - behind.length; // tokens of the text in a row
      const { held, warnings, close } = await openTokens(data, tokenizer, { blockSize: size });
      if (!held || held.length === 0)
        throw new RangeError("pseudo-perplexity: there is no held-out text, or it has no tokens");
      /** The row with each of the places `from` to `to` hidden, one at a time. */
      const hidden = (row: readonly number[], from: number, to: number): Batch => {
        const dims = [to - from, row.length];
        const ids = new BigInt64Array((to - from) * row.length);
        const labels = new BigInt64Array(ids.length).fill(-100n);
        for (let place = from; place < to; place++) {
          const start = (place - from) * row.length;
          ids.set(BigInt64Array.from(row, BigInt), start);
          ids[start + place] = BigInt(maskId);
          labels[start + place] = BigInt(row[place]!);
        }
        return { input_ids: { dtype: "int64", dims, data: ids }, labels: { dtype: "int64", dims, data: labels } };
      };
      function* validation(): Generator<Counted> {
        for (let start = 0; start < held!.length; start += size) {
          const tokens = held!.slice(start, Math.min(start + size, held!.length));
          const row = [...before, ...tokens, ...behind];
          const end = before.length + tokens.length;
          for (let from = before.length; from < end; from += batchSize) {
            const to = Math.min(from + batchSize, end);
            yield { batch: hidden(row, from, to), count: to - from };
          }
        }
      }
      const tokensPerBatch = batchSize * blockSize;
      return { trainExamples: 0, tokensPerBatch, batches: () => [], validation, warnings, close };
    },
  };
}
