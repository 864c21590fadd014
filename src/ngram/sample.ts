/** Text from an n-gram model, token by token, as Shannon 1948 drew his. */
import { keyOf, uniform } from "../random.ts";
import type { Ngram } from "./model.ts";

interface SampleOptions {
  readonly seed?: number;
  /** Below 1 sharper, above 1 freer; 0: the likeliest token each time. */
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
    const next = model.next(text);
    const token = temperature === 0 ? likeliest(next) : draw(next, temperature, uniform(key, i));
    text.push(token);
    if (text.length >= model.order) text.shift();
    yield token;
  }
}

const likeliest = (logps: Float64Array): number => logps.reduce((best, p, i) => (p > logps[best]! ? i : best), 0);

/** The token at the share `u` of all probability. */
function draw(logps: Float64Array, temperature: number, u: number): number {
  const weights = logps.map((logp) => Math.exp(logp / temperature));
  let left = u * weights.reduce((a, b) => a + b, 0);
  let token = 0;
  while (token < weights.length - 1 && left >= weights[token]!) left -= weights[token++]!;
  return token;
}
