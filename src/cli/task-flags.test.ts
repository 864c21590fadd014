import { expect, test } from "vitest";
import { messageOf } from "../../test/tiny-folder.ts";
import { checkCountedFlags, checkModelFlags, checkTaskFlags, checkWordFlags, rowLength } from "./task-flags.ts";

test("a flag of another task is refused, and those of the task and of all are not", () => {
  expect(messageOf(() => checkTaskFlags({ labelSmoothing: 0.1 }, "language-modeling"))).toBe(
    "--label-smoothing says nothing to language-modeling",
  );
  expect(messageOf(() => checkTaskFlags({ blockSize: 3 }, "sequence-regression"))).toBe(
    "--block-size says nothing to sequence-regression",
  );
  expect(messageOf(() => checkTaskFlags({ carryState: true }, "translation"))).toContain("--carry-state");
  for (const name of ["attention", "prompt", "sampleSteps", "encodingErrors"])
    expect(messageOf(() => checkTaskFlags({ [name]: 1 }, "sequence-regression"))).toContain("says nothing to sequence");
  checkTaskFlags({ prompt: "The", sampleSteps: 3, lowercase: undefined }, "language-modeling");
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

test("flags of words are refused where no tokenizer of words is trained", () => {
  checkWordFlags({ minFrequency: 3, lowercase: true }, "word", "language-modeling");
  checkWordFlags({ lowercase: true }, "char", "translation");
  expect(messageOf(() => checkWordFlags({ lowercase: true }, "char", "language-modeling"))).toBe(
    "--lowercase says nothing where no words are counted: the tokenizer is char",
  );
  expect(messageOf(() => checkWordFlags({ minFrequency: 3 }, "runs/a", "translation"))).toContain("--min-frequency");
});

test("a folder is told the flags of what its model does", () => {
  const refused = (command: "evaluate" | "predict", task: string, names: readonly string[]) => {
    for (const name of names)
      expect(
        messageOf(() => checkModelFlags(command, { [name]: 1 }, task)),
        `${command} ${task}`,
      ).toMatch(/^--[a-z-]+ says nothing to /);
  };
  expect(messageOf(() => checkModelFlags("evaluate", { numBeams: 2 }, "language-modeling"))).toBe(
    "--num-beams says nothing to a model for language-modeling",
  );
  expect(messageOf(() => checkModelFlags("evaluate", { blockSize: 2 }, "ngram"))).toBe(
    "--block-size says nothing to an n-gram model",
  );
  refused("evaluate", "language-modeling", ["source", "target", "columns", "report", "last"]);
  refused("evaluate", "ngram", ["source", "target", "columns", "pseudoPerplexity", "batchSize", "confidence"]);
  refused("evaluate", "translation", ["blockSize", "pseudoPerplexity", "last"]);
  refused("evaluate", "sequence-regression", ["blockSize", "pseudoPerplexity", "source", "batchSize"]);
  refused("predict", "translation", ["horizon", "value", "columns"]);
  refused("predict", "sequence-regression", ["numBeams", "lengthPenalty", "maxNewTokens", "text"]);
});

test("a folder is told every flag that says something to it", () => {
  const pairs = { source: ["a"], target: ["b"], columns: "a,b", report: "r", beside: ["x"], batchSize: 4, data: ["a"] };
  checkModelFlags("evaluate", { ...pairs, numBeams: 5, confidence: true, lowercase: true }, "translation");
  checkModelFlags("evaluate", { last: 3, date: "Month", columns: "a,b" }, "sequence-regression");
  const text = { data: ["a"], encoding: "utf-8", blockSize: 3, batchSize: 4 };
  checkModelFlags("evaluate", text, "language-modeling");
  for (const task of ["masked-language-modeling", "pretraining", "sentence-order-pretraining"])
    checkModelFlags("evaluate", { ...text, pseudoPerplexity: true }, task);
  checkModelFlags("evaluate", { data: ["a"], encoding: "utf-8" }, "ngram");
  checkModelFlags("predict", { file: "a.csv", text: "de", numBeams: 5, numReturnSequences: 2 }, "translation");
  checkModelFlags("predict", { file: "a.csv", horizon: 12, value: "v" }, "sequence-regression");
});
