import { expect, test } from "vitest";
import { namesOf } from "./names.ts";

test("folders are called by their paths' ends, or as typed where two would be called the same", () => {
  const names = (...paths: string[]) => paths.map(namesOf(paths));
  expect(names("runs/a", "./b/")).toEqual(["a", "b"]);
  expect(names("runs/a", "old/a", "c/b")).toEqual(["runs/a", "old/a", "c/b"]);
});
