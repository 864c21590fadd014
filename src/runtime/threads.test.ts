import { expect, test } from "vitest";
import { threadsFor } from "./threads.ts";

test("a run of few operations has one thread, others as many as there are cores", () => {
  expect([0, 4.1e7, 4.9e7].map(threadsFor)).toEqual([1, 1, 1]);
  expect([5e7, 3e8].map(threadsFor)).toEqual([0, 0]);
});
