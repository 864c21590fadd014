import fc from "fast-check";
import { expect, test } from "vitest";
import { strangeText } from "../../../test/strange-text.ts";
import { fromJson, trainBpeTokenizer } from "../index.ts";

const text = "the cat sat on the mat with the other cats ".repeat(20);
const trained = trainBpeTokenizer(text, { vocabSize: 300 });

/** Numbers that look drawn, the same every time. */
function draws(): () => number {
  let x = 1;
  return () => {
    x = (x * 48271) % 2147483647;
    return x / 2147483647;
  };
}

test("without dropout nothing changes, and with all of it every byte is a token", async () => {
  const { encode } = await trained;
  fc.assert(
    fc.property(strangeText, (text) => {
      const none = encode(text, { dropout: { rate: 0, random: Math.random } });
      expect(none).toEqual(encode(text));
      const all = encode(text, { dropout: { rate: 1, random: Math.random } });
      expect(all.ids.length).toBe(Buffer.byteLength(text.toWellFormed()));
    }),
  );
});

test("some of it cuts a text in many ways that all say it, and the same draws in the same way", async () => {
  const { encode, decode } = await trained;
  const random = draws();
  const ways = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const { ids } = encode("the other cats", { dropout: { rate: 0.3, random } });
    expect(decode(ids)).toBe("the other cats");
    ways.add(ids.join());
  }
  expect(ways.size).toBeGreaterThan(10);
  const again = () => encode(text, { dropout: { rate: 0.3, random: draws() } });
  expect(again()).toEqual(again());
});

test("of two merges of one step, the second is done as often as the first is left out and it is not", async () => {
  const model = {
    type: "BPE",
    vocab: { a: 0, b: 1, c: 2, ab: 3, bc: 4 },
    merges: [
      ["a", "b"],
      ["b", "c"],
    ],
  };
  const { encode } = fromJson({ version: "1.0", added_tokens: [], model });
  const random = draws();
  const count = { ab: 0, bc: 0, none: 0 };
  for (let i = 0; i < 20_000; i++) {
    const { tokens } = encode("abc", { dropout: { rate: 0.4, random } });
    count[tokens[0] === "ab" ? "ab" : tokens[1] === "bc" ? "bc" : "none"]++;
  }
  expect(count.ab / 20_000).toBeCloseTo(0.6, 1);
  expect(count.bc / 20_000).toBeCloseTo(0.4 * 0.6, 1);
  expect(count.none / 20_000).toBeCloseTo(0.16, 1);
});

test("a file may ask for it, and a caller refuse it", async () => {
  const { toJson } = await trained;
  const json = structuredClone(toJson()) as unknown as { model: Record<string, unknown> };
  json.model["dropout"] = 1;
  const { encode } = fromJson(json);
  expect(encode("the cat").tokens.length).toBe(7);
  expect(encode("the cat", { dropout: null }).tokens.length).toBeLessThan(7);
  expect(() => encode("x", { dropout: { rate: 2, random: Math.random } })).toThrow(
    "dropout: the rate is 2; it must be from 0 to 1",
  );
});
