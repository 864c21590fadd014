/** Text from an n-gram model, token by token, as Shannon 1948 drew his. */
import { keyOf, uniform } from "../random.ts";
import type { Ngram } from "./model.ts";

interface SampleOptions {
  readonly seed?: number;
  /** Below 1 sharper, above 1 freer. */
  readonly temperature?: number;
}

/** `count` tokens behind `prompt`; the same for a seed everywhere. */
export function* sampleNgram(
  model: Ngram,
  prompt: readonly number[],
  count: number,
  { seed = 0, temperature = 1 }: SampleOptions = {},
): Generator<number> {
  const text = prompt.slice(1 - model.order || prompt.length);
  const key = keyOf(seed, "n-gram sample");
  for (let i = 0; i < count; i++) {
    const weights = model.next(text).map((logp) => Math.exp(logp / temperature));
    let left = uniform(key, i) * weights.reduce((a, b) => a + b, 0);
    let token = 0;
    while (token < weights.length - 1 && left >= weights[token]!) left -= weights[token++]!;
    text.push(token);
    if (text.length >= model.order) text.shift();
    yield token;
  }
}
