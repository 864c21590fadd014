/** The text that a head is evaluated on. */
import { expect, test } from "vitest";
import { messageOf } from "../../test/tiny-folder.ts";
import { UserError } from "./errors.ts";
import { textTask } from "./text-task.ts";

const asked = { blockSize: 16, pseudoPerplexity: false };

test("heads for hidden words are evaluated as they are trained, pairs of texts as pairs", () => {
  expect(textTask("masked-language-modeling", asked).settings["nextSentence"]).toBe(false);
  expect(textTask("pretraining", asked).settings["nextSentence"]).toBe(true);
  expect(textTask("sentence-order-pretraining", asked).name).toBe("masked-language-modeling");
  expect(textTask("language-modeling", asked).name).toBe("language-modeling");
});

test("asked for, each token is hidden alone, of models that guess hidden words", () => {
  const alone = { ...asked, pseudoPerplexity: true };
  expect(Object.keys(textTask("pretraining", alone).metrics(1, {}))).toEqual(["pseudo_perplexity"]);
  expect(() => textTask("language-modeling", alone)).toThrow(UserError);
  expect(messageOf(() => textTask("language-modeling", alone))).toBe(
    "--pseudo-perplexity is of masked-language models, and the folder's is none",
  );
});

test("a head that nothing is held out for is told by its task", () => {
  expect(messageOf(() => textTask("feature-extraction", asked))).toBe(
    "evaluate: the folder's head is for feature-extraction",
  );
});
