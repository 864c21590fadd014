import { expect, test } from "vitest";
import { messageOf } from "../../test/tiny-folder.ts";
import { checkCountedFlags, checkModelFlags, checkTaskFlags, rowLength } from "./task-flags.ts";

test("a flag of another task is refused, and those of the task and of all are not", () => {
  expect(messageOf(() => checkTaskFlags({ labelSmoothing: 0.1 }, "language-modeling"))).toBe(
    "--label-smoothing says nothing to language-modeling",
  );
  expect(messageOf(() => checkTaskFlags({ blockSize: 3 }, "sequence-regression"))).toBe(
    "--block-size says nothing to sequence-regression",
  );
  expect(messageOf(() => checkTaskFlags({ carryState: true }, "translation"))).toContain("--carry-state");
  checkTaskFlags({ labelSmoothing: 0.1, maxSteps: 3, data: ["a"] }, "translation");
  checkTaskFlags({ window: 3, columns: "a,b" }, "sequence-regression");
});

test("the longest row has two names, and one of them is enough", () => {
  expect([rowLength({}), rowLength({ blockSize: 3 }), rowLength({ maxLength: 4 })]).toEqual([undefined, 3, 4]);
  expect(messageOf(() => rowLength({ blockSize: 3, maxLength: 3 }))).toBe("--block-size and --max-length say the same");
});

test("an n-gram model is of texts, and knows no flag of training", () => {
  checkCountedFlags({ task: "language-modeling", data: ["a"], set: ["order=2"], lowercase: true });
  expect(messageOf(() => checkCountedFlags({ task: "translation", data: ["a"] }))).toBe(
    "--model ngram is for language-modeling, not for translation",
  );
  expect(messageOf(() => checkCountedFlags({ maxSteps: 3 }))).toBe(
    "--max-steps says nothing to an n-gram model, which is counted at once",
  );
});

test("an evaluation's flags are those of what the model does", () => {
  expect(messageOf(() => checkModelFlags({ report: "r" }, "language-modeling"))).toBe(
    "--report: only a model that writes texts for texts has it; this one is for language-modeling",
  );
  expect(messageOf(() => checkModelFlags({ last: 3 }, "translation"))).toContain("--last: only a model of a series");
  checkModelFlags({ report: "r", data: ["a"] }, "translation");
  checkModelFlags({ last: 3, date: "Month" }, "sequence-regression");
});
