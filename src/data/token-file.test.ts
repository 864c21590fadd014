import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectTokens } from "./token-file.ts";
import { section, splitTokens } from "./token-source.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tokens-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ["in memory", 2 ** 26],
  ["in a temporary file", 64],
])("collected tokens, %s", (_, memory) => {
  test("are the ids of all pieces in order, whatever part of them is read", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(69_999), { maxLength: 50 }), { maxLength: 20 }),
        fc.constantFrom(65_536, 70_000),
        fc.nat(),
        fc.nat(),
        async (pieces, vocabSize, a, b) => {
          const all = pieces.flat().map((id) => id % vocabSize);
          using tokens = await collectTokens(
            pieces.map((piece) => piece.map((id) => id % vocabSize)),
            { vocabSize, memory, folder },
          );
          const [begin = 0, end = 0] = [a % (all.length + 1), b % (all.length + 1)].sort((x, y) => x - y);
          expect(tokens.length).toBe(all.length);
          expect([...tokens.slice(begin, end)]).toEqual(all.slice(begin, end));
          expect([...section(tokens, begin, end).slice(0, end - begin)]).toEqual(all.slice(begin, end));
          expect(tokens.slice(0, 0).BYTES_PER_ELEMENT).toBe(vocabSize > 65_536 ? 4 : 2);
        },
      ),
    ));

  test("leave nothing on the disk, and may be closed twice", async () => {
    const tokens = await collectTokens([Array(1000).fill(3)], { vocabSize: 4, memory, folder });
    expect(readdirSync(folder)).toEqual([]);
    expect(tokens.slice(999, 1000)).toEqual(Uint16Array.of(3));
    tokens.close();
    tokens.close();
  });

  test("a slice is the caller's own", async () => {
    using tokens = await collectTokens([Array(1000).fill(3)], { vocabSize: 4, memory, folder });
    tokens.slice(0, 10).fill(1);
    expect(tokens.slice(0, 1)[0]).toBe(3);
  });

  test("an id outside the vocabulary is refused", async () => {
    const collected = collectTokens([Array(1000).fill(1), [4]], { vocabSize: 4, memory, folder });
    await expect(collected).rejects.toThrow("tokens: id 4 is outside a vocabulary of 4, whose ids are 0 … 3");
    await expect(collectTokens([[-1]], { vocabSize: 4 })).rejects.toThrow("id -1 is outside");
  });
});

test("a folder that cannot hold the temporary file is named", async () => {
  const nowhere = join(folder, "nowhere");
  await expect(collectTokens([Array(1000).fill(1)], { vocabSize: 4, memory: 64, folder: nowhere })).rejects.toThrow(
    /nowhere.trainformer-tokens-.*: no such file or folder/,
  );
});

test("what the encoder throws goes through, and the file is closed", async () => {
  function* pieces() {
    yield Array(1000).fill(1);
    throw new Error("no token for ü");
  }
  await expect(collectTokens(pieces(), { vocabSize: 4, memory: 64, folder })).rejects.toThrow("no token for ü");
});

describe("a split by position", () => {
  const source = Uint16Array.from({ length: 1000 }, (_, i) => i);

  test("gives the last fraction to validation, as nanoGPT does", () => {
    const { train, validation } = splitTokens(source, { fraction: 0.1, blockSize: 8 });
    expect([train.length, validation.length]).toEqual([900, 100]);
    expect([train.slice(899, 900)[0], validation.slice(0, 1)[0], validation.slice(99, 100)[0]]).toEqual([
      899, 900, 999,
    ]);
  });

  test("leaves both parts a whole block", () => {
    expect(() => splitTokens(source, { fraction: 0.1, blockSize: 100 })).toThrow(
      "validation: 100 of the text's 1000 tokens, but a block of 100 and the token after it need 101; " +
        "use more text, a smaller block size or another validation part",
    );
    expect(() => splitTokens(source, { fraction: 0.95, blockSize: 64 })).toThrow("train: 50 of the text's 1000 tokens");
  });

  test("needs a fraction that leaves something on both sides", () => {
    for (const fraction of [0, 1, -1, Number.NaN])
      expect(() => splitTokens(source, { fraction, blockSize: 8 })).toThrow(
        `validation: a fraction of ${fraction} leaves one part empty; give a number between 0 and 1`,
      );
  });
});
