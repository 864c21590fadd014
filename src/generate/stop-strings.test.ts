import fc from "fast-check";
import { expect, test } from "vitest";
import { stopStrings } from "./stop-strings.ts";

function streamed(stops: readonly string[], pieces: readonly string[]) {
  const stop = stopStrings(stops);
  const shown = pieces.map((piece) => stop.push(piece));
  return { shown, text: shown.join("") + stop.end(), found: stop.found };
}

test("text that may be the beginning of a stop string waits until it is not", () => {
  expect(streamed(["\n\nQ:"], ["A", " b.\n", "\n", "c", "\n\nQ", ":", "x"])).toEqual({
    shown: ["A", " b.", "", "\n\nc", "", "", ""],
    text: "A b.\n\nc",
    found: true,
  });
  expect(streamed(["end"], ["the e", "n"])).toEqual({ shown: ["the ", ""], text: "the en", found: false });
});

test("of several stop strings the first to be complete counts, and of two at once the longer", () => {
  expect(streamed(["abcd", "bc"], ["xabcd"]).text).toBe("xa");
  expect(streamed(["bc", "abc"], ["xabc"]).text).toBe("x");
});

const letters = (maxLength: number, minLength = 0) =>
  fc.array(fc.constantFrom("a", "b", "é", "😀"), { minLength, maxLength }).map((parts) => parts.join(""));

test("what is shown is the text before the stop string, whatever the pieces are", () => {
  fc.assert(
    fc.property(fc.array(letters(4, 1), { maxLength: 3 }), fc.array(letters(3), { maxLength: 12 }), (stops, pieces) => {
      const all = pieces.join("");
      let expected = all; // before the shortest beginning that ends with a stop string
      for (let end = all.length; end > 0; end--)
        for (const stop of stops.toSorted((a, b) => a.length - b.length))
          if (all.slice(0, end).endsWith(stop)) expected = all.slice(0, end - stop.length);
      const { text, found } = streamed(stops, pieces);
      expect(text).toBe(expected);
      expect(found).toBe(stops.some((stop) => all.includes(stop)));
      for (const stop of stops) expect(text).not.toContain(stop);
    }),
  );
});

test("all that can be shown is shown at once", () => {
  fc.assert(
    fc.property(letters(4, 1), fc.array(letters(3), { maxLength: 12 }), (stop, pieces) => {
      const { shown, text } = streamed([stop], pieces);
      const held = text.length - shown.join("").length;
      expect(held).toBeLessThan(stop.length);
      expect(stop.startsWith(text.slice(text.length - held))).toBe(true);
    }),
  );
});
