/** How far texts may go, and which of their settings the vocabulary must hold. */
import type { Decoder } from "./decoder.ts";
import type { GenerationConfig } from "./generation-config.ts";
import type { Rows } from "./prompts.ts";

export const longestOf = (rows: Rows): number => Math.max(0, ...rows.map((ids) => ids.length));

/** How many new tokens there will be at most; the last of them is never read, so it needs no position. */
export function limitOf(
  rows: Rows,
  { maxNewTokens, maxLength, whenFull }: GenerationConfig,
  { positions }: Pick<Decoder, "positions">,
): number {
  const longest = longestOf(rows);
  if (maxNewTokens === null && longest >= maxLength!)
    throw new RangeError(
      `generate: the prompt has ${longest} tokens and maxLength, which counts them, is ${maxLength}; give maxNewTokens`,
    );
  if (whenFull === "stop" && longest > positions)
    throw new RangeError(
      `generate: the prompt has ${longest} tokens, and the model has ${positions} positions; whenFull: "slide" reads the last of them`,
    );
  const wanted = maxNewTokens ?? maxLength! - longest;
  return whenFull === "stop" ? Math.min(wanted, positions - longest + 1) : wanted;
}

/** Other ids outside the vocabulary change nothing: they never come. */
export function checkForced({ forcedBosTokenId, forcedEosTokenId }: GenerationConfig, vocabulary: number): void {
  const forced = Object.entries({ forcedBosTokenId: forcedBosTokenId ?? [], forcedEosTokenId });
  for (const [name, ids] of forced)
    for (const id of [ids].flat())
      if (id >= vocabulary)
        throw new RangeError(`generate: ${name} ${id} is not in the vocabulary, whose ids are 0 to ${vocabulary - 1}`);
}
