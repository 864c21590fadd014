import { expect, test } from "vitest";
import { messageOf } from "../../test/tiny-folder.ts";
import type { Exam } from "../tasks/index.ts";
import { checkBeside } from "./translation-report.ts";

test("earlier reports are of the measure that texts like these have", () => {
  const letters = { references: ["abc", "b"] } as unknown as Exam;
  const sentences = { references: ["a b c", "b"] } as unknown as Exam;
  const earlier = [{ name: "runs/a", measure: "BLEU", bands: [] }];
  checkBeside(earlier, sentences);
  expect(messageOf(() => checkBeside(earlier, letters))).toBe(
    "--beside: runs/a is measured by BLEU, but these texts by chrF",
  );
});
