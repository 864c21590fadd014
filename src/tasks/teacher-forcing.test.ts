import { expect, test } from "vitest";
import { type ScheduledSampling, teachingOf } from "./teacher-forcing.ts";

test("unless told otherwise, every token is the true one", () => {
  expect(teachingOf()).toMatchObject({ always: true, settings: { teacherForcing: 1 } });
  expect(teachingOf(0.5)).toMatchObject({ always: false, wholeRows: true });
  expect(teachingOf(0.5).share(1000)).toBe(0.5);
});

test("the schedules are the paper's, and end at the least share", () => {
  const at = (given: ScheduledSampling, step: number) => teachingOf(given).share(step);
  expect(at({ schedule: "linear", k: 100 }, 25)).toBe(0.75);
  expect(at({ schedule: "linear", k: 100, least: 0.2 }, 99)).toBe(0.2);
  expect(at({ schedule: "exponential", k: 0.9 }, 2)).toBeCloseTo(0.81);
  expect(at({ schedule: "inverse-sigmoid", k: 10 }, 0)).toBeCloseTo(10 / 11);
  expect(at({ schedule: "inverse-sigmoid", k: 10 }, 1000)).toBeLessThan(1e-40);
  expect(teachingOf({ schedule: "linear", k: 100 })).toMatchObject({ always: false, wholeRows: false });
});

test.each<[Parameters<typeof teachingOf>[0], string]>([
  [1.5, "translation: teacherForcing is 1.5, but must be a number from 0 to 1"],
  [{ schedule: "linear", k: 10, least: -1 }, "translation: least is -1, but must be a number from 0 to 1"],
  [{ schedule: "linear", k: 0 }, "translation: k of the linear schedule is 0, but must be a number > 0"],
  [
    { schedule: "exponential", k: 2 },
    "translation: k of the exponential schedule is 2, but must be a number in (0, 1)",
  ],
  [{ schedule: "inverse-sigmoid", k: 0.5 }, "k of the inverse-sigmoid schedule is 0.5, but must be a number ≥ 1"],
  [
    { schedule: "cosine" as never, k: 1 },
    'translation: there is no schedule "cosine"; there are linear, exponential, inverse-sigmoid',
  ],
])("%o is refused", (given, says) => {
  expect(() => teachingOf(given)).toThrow(says);
});
