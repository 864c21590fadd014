/** Which words of its source an encoder-decoder reads for each word of a text: attention, as the model weighs it. */
import type { Alignment } from "./inspect/index.ts";
import type { LoadedModel } from "./load.ts";
import { sourceOf } from "./tasks/index.ts";
import type { Value } from "./tensor/tensor.ts";
import type { Tokenizer } from "./tokenizers/index.ts";
import type { WrittenText } from "./translate.ts";

const AT_ONCE = 32;

/**
 * For each text and what was written for it, or should have been, one alignment; of several heads their mean, of several
 * layers the last. The target's tokens have their end behind them; the source's, where `pads`, the padding that the longest of
 * the texts brings with it. Throws a TypeError for a model that has no such attention, or no tokenizer.
 */
export async function align(
  model: LoadedModel,
  texts: readonly WrittenText[],
  { pads = false } = {},
): Promise<Alignment[]> {
  const { tokenizer, targetTokenizer = tokenizer } = model;
  if (!tokenizer || !targetTokenizer) throw new TypeError("align: the model's folder has no tokenizer.json");
  const found: Alignment[] = [];
  for (let first = 0; first < texts.length; first += AT_ONCE)
    found.push(...(await alignSome(model, texts.slice(first, first + AT_ONCE), tokenizer, targetTokenizer, pads)));
  return found;
}

async function alignSome(
  model: LoadedModel,
  texts: readonly WrittenText[],
  tokenizer: Tokenizer,
  targetTokenizer: Tokenizer,
  pads: boolean,
): Promise<Alignment[]> {
  const source = sourceOf(
    texts.map(({ text }) => text),
    tokenizer,
  ) as Readonly<Record<string, Value<"int64">>>;
  const start = model.config["decoder_start_token_id"] as number;
  const targets = texts.map(({ output }) => [start, ...targetTokenizer.encodeIds(output)]);
  const T = Math.max(...targets.map((ids) => ids.length));
  const decoder_input_ids = targets.map((ids) => [...ids, ...Array<number>(T - ids.length).fill(start)]);
  const outputs = await model.run({ ...source, decoder_input_ids }, { outputAttentions: true });
  const layers = Object.keys(outputs).filter((name) => name.startsWith("cross_attentions."));
  const last = outputs[layers.at(-1) ?? ""];
  if (!last) throw new TypeError("align: the model has no attention between its encoder and its decoder");
  const [, heads, , S] = last.dims as [number, number, number, number];
  return targets.map((ids, row) => {
    const of = (name: string) => Array.from(source[name]!.data.subarray(row * S, (row + 1) * S), Number);
    const sourceLength = of("attention_mask").filter((m) => m === 1).length;
    const width = pads ? S : sourceLength;
    const weights = new Float32Array(ids.length * width);
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < weights.length; i++) {
        const [t, s] = [Math.floor(i / width), i % width];
        weights[i] = weights[i]! + Number(last.data[((row * heads + head) * T + t) * S + s]) / heads;
      }
    const read = of("input_ids").slice(0, width);
    return {
      source: read.map((id) => tokenizer.idToToken(id)!),
      sourceLength,
      target: [...ids.slice(1).map((id) => targetTokenizer.idToToken(id)!), targetTokenizer.specialTokens.eos ?? ""],
      weights,
    };
  });
}
