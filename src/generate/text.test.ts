import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { strangeText } from "../../test/strange-text.ts";
import { only, scripted, tinyGpt2 } from "../../test/tiny-decoder.ts";
import { byteTokenizer, charTokenizer, type Tokenizer } from "../tokenizers/index.ts";
import {
  type GenerateOptions,
  generateAll,
  generateText,
  generateTexts,
  openDecoder,
  type TextEnd,
  type TextTokenizer,
} from "./index.ts";

const bytes = byteTokenizer({ specialTokens: { eos: "<eos>" } });
const eos = 256;

/** A model that says this text behind any prompt of one token, byte by byte, then ends. */
const saying = (text: string) => {
  const said = [...bytes.encode(text).ids, eos];
  return scripted({ vocabulary: 257, logits: (ids) => only(257, said[ids.length - 1] ?? eos) });
};

async function streamed(...given: Parameters<typeof generateText>): Promise<{ pieces: string[]; end: TextEnd }> {
  const text = generateText(...given);
  const pieces: string[] = [];
  for (;;) {
    const { done, value } = await text.next();
    if (done) return { pieces, end: value };
    pieces.push(value);
  }
}
const say = (text: string, options: GenerateOptions = {}) =>
  streamed(saying(text), bytes, ">", { eosTokenId: eos, maxNewTokens: 10_000, ...options });

test("a tokenizer is what is asked of one", () => {
  expectTypeOf<Tokenizer>().toExtend<TextTokenizer>();
});

test("the pieces of a stream are the text of all tokens", async () => {
  const { spec, model, weights } = tinyGpt2({ vocab_size: 257, n_positions: 32 });
  await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
  for (const seed of [1, 2, 3]) {
    const options = { temperature: 1.2, seed, maxNewTokens: 29, eosTokenId: eos };
    const { pieces, end } = await streamed(decoder, bytes, "abc", options);
    const [row] = await generateAll(decoder, [bytes.encode("abc").ids], options);
    expect(end.tokens).toEqual(row!.slice(3));
    expect(pieces.join("")).toBe(bytes.decode(end.tokens, { skipSpecialTokens: true }));
    expect(pieces.length).toBeGreaterThan(1);
  }
});

test("characters of several bytes come whole", async () => {
  const { pieces, end } = await say("naïve 日本 👍🏽");
  expect(pieces).toEqual([..."naïve 日本 👍🏽"]);
  expect(end.reason).toBe("eos");
  expect(end.tokens).toEqual([...bytes.encode("naïve 日本 👍🏽").ids, eos]);
});

test("a character that is cut off by the length comes as one that cannot be read", async () => {
  expect(await say("a日", { maxNewTokens: 3 })).toMatchObject({ pieces: ["a", "\uFFFD"], end: { reason: "length" } });
});

test("text before a stop string is shown, and nothing of it", async () => {
  const { pieces, end } = await say("One.\nTwo.\n\nThree.", { stopStrings: "\n\n" });
  expect(pieces).toEqual([..."One.", "\nT", ..."wo."]);
  expect(end).toEqual({ tokens: bytes.encode("One.\nTwo.\n\n").ids, reason: "stop" });
});

test("any text is cut before the first of any stop strings, and has no broken character", async () => {
  const stops = fc.array(strangeText.map((text) => text.slice(0, 3).toWellFormed()).filter(Boolean), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(strangeText, stops, async (text, stopStrings) => {
      const { pieces, end } = await say(text, { stopStrings });
      const got = pieces.join("");
      expect(text.startsWith(got)).toBe(true);
      for (const stop of stopStrings) expect(got).not.toContain(stop);
      const behind = text.slice(got.length);
      if (end.reason === "eos") expect(behind).toBe("");
      else expect(stopStrings.some((stop) => behind.startsWith(stop))).toBe(true);
      for (const piece of pieces) expect(piece.isWellFormed() && piece !== "").toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("text goes on when the model's positions are full", async () => {
  const tokenizer = charTokenizer("abcdefgh");
  const decoder = scripted({ vocabulary: 8, positions: 4, logits: (ids) => only(8, (ids.at(-1)! + 1) % 8) });
  const { pieces } = await streamed(decoder, tokenizer, "a", { maxNewTokens: 12 });
  expect(pieces.join("")).toBe("bcdefghabcde");
  const short = await streamed(decoder, tokenizer, "a", { maxNewTokens: 12, whenFull: "stop" });
  expect(short.pieces.join("")).toBe("bcde");
});

test("an empty prompt begins with bosTokenId, or else with a newline", async () => {
  const seen: (readonly number[])[] = [];
  const decoder = scripted({
    vocabulary: 300,
    logits: (ids) => {
      seen.push(ids);
      return only(300, 0);
    },
  });
  const first = async (tokenizer: TextTokenizer, options: GenerateOptions = {}, prompt = "") => {
    seen.length = 0;
    await streamed(decoder, tokenizer, prompt, { maxNewTokens: 1, ...options });
    return seen[0];
  };
  expect(await first(bytes, { bosTokenId: 7 })).toEqual([7]);
  expect(await first(bytes, { defaults: { bos_token_id: 8 } })).toEqual([8]);
  expect(await first(bytes)).toEqual([10]);
  expect(await first(bytes, { bosTokenId: 7 }, "x")).toEqual([120]);
  expect(await first({ ...bytes, encode: () => ({ ids: [] }) }, { bosTokenId: 2 }, "   ")).toEqual([2]);
  await expect(first(charTokenizer("ab"))).rejects.toThrow(
    "generate: the prompt is empty, and there is neither a bosTokenId nor a newline in the vocabulary to begin with; give a prompt",
  );
});

test("a stream is one text, with options that exist", async () => {
  await expect(say("a", { doSample: true, numReturnSequences: 2 })).rejects.toThrow(
    "generate: numReturnSequences is 2, but one text is streamed; generateTexts gives several",
  );
  await expect(say("a", { stopString: "b" } as GenerateOptions)).rejects.toThrow(
    'generate: there is no option "stopString"; did you mean "stopStrings"?',
  );
});

test("several prompts' texts are those that each has alone, ends and stop strings included", async () => {
  const { spec, model, weights } = tinyGpt2({ vocab_size: 257, n_positions: 64 });
  await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
  const prompts = ["abc", "d", "a longer one"];
  for (const options of [
    { doSample: true, temperature: 2, topK: 0, maxNewTokens: 20, eosTokenId: [1, 2, 3, 4], stopStrings: ["A", "\n"] },
    { numBeams: 3, maxNewTokens: 8, eosTokenId: [1, 2, 3, 4], stopStrings: ["A", "\n"] },
  ]) {
    const together = await generateTexts(decoder, bytes, prompts, options);
    for (const [p, prompt] of prompts.entries()) {
      const { pieces, end } = await streamed(decoder, bytes, prompt, options);
      expect(together[p]).toEqual([
        { text: pieces.join(""), ...end, ...(end.score && { score: expect.closeTo(end.score, 5) }) },
      ]);
    }
  }
  const drawn = await generateTexts(decoder, bytes, prompts, {
    doSample: true,
    numReturnSequences: 2,
    maxNewTokens: 5,
  });
  expect(drawn.map((texts) => texts.length)).toEqual([2, 2, 2]);
  expect(new Set(drawn.flat().map(({ tokens }) => tokens.join())).size).toBe(6);
});

test("texts that slide, or whose lengths count their prompts, are read one by one", async () => {
  const { spec, model, weights } = tinyGpt2({ vocab_size: 257, n_positions: 12 });
  await using decoder = await openDecoder(model, spec, weights, { threads: 1 });
  for (const options of [{ maxNewTokens: 20 }, { maxLength: 8 }, { maxNewTokens: 5, minLength: 4, eosTokenId: 1 }]) {
    const texts = await generateTexts(decoder, bytes, ["abcdef", "x"], options);
    for (const [p, prompt] of ["abcdef", "x"].entries())
      expect(texts[p]![0]!.tokens).toEqual((await streamed(decoder, bytes, prompt, options)).end.tokens);
  }
});

test("an encoder-decoder continues nothing", async () => {
  const reader = { ...saying("a"), source: ["input_ids"] };
  const told = "generate: this model writes texts for texts that it reads, and continues none; use predict";
  await expect(streamed(reader, bytes, "a", {})).rejects.toThrow(told);
  await expect(generateTexts(reader, bytes, ["a"])).rejects.toThrow(told);
});

test("a search gives its best texts whole, and each ends before its first stop string", async () => {
  const said = scripted({
    vocabulary: 257,
    logits: (ids) =>
      Array.from({ length: 257 }, (_, id) => [97, 98, 10].indexOf(id) - 0.1 * ids.length * Number(id === 10)),
  });
  const found = (
    await generateTexts(said, bytes, [">"], {
      numBeams: 4,
      numReturnSequences: 4,
      stopStrings: "\n",
      maxNewTokens: 3,
    })
  )[0]!;
  const scores = found.map(({ score }) => score!);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(found.map(({ reason }) => reason)).toContain("stop");
  for (const { text, tokens, reason } of found) {
    expect(text).not.toContain("\n");
    expect(tokens.includes(10)).toBe(reason === "stop");
  }
});

test("a stream that is left or aborted asks the model for nothing more", async () => {
  const decoder = saying("a long text");
  let steps = 0;
  const counted = {
    ...decoder,
    begin: async (rows: readonly (readonly number[])[]) => {
      const decoding = await decoder.begin(rows);
      const step = decoding.step;
      return Object.assign(decoding, {
        step: (tokens: readonly number[]) => {
          steps++;
          return step(tokens);
        },
      });
    },
  };
  for await (const piece of generateText(counted, bytes, ">", { maxNewTokens: 100 })) if (piece === "l") break;
  expect(steps).toBe(2);
});
