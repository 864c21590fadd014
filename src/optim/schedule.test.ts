import fc from "fast-check";
import { expect, test } from "vitest";
import golden from "./golden/optim.json" with { type: "json" };
import { type Schedule, type ScheduleName, schedules } from "./schedule.ts";

const cases: Record<keyof typeof golden.schedules, Schedule> = {
  "constant, warm-up": schedules.constant({ warmupSteps: 5 }),
  constant: schedules.constant(),
  linear: schedules.linear({ maxSteps: 20 }),
  "linear, warm-up": schedules.linear({ maxSteps: 18, warmupSteps: 6 }),
  "linear, warm-up, floor": schedules.linear({ maxSteps: 18, warmupSteps: 6, floor: 0.1 }),
  cosine: schedules.cosine({ maxSteps: 20 }),
  "cosine, floor": schedules.cosine({ maxSteps: 20, floor: 0.1 }),
  "cosine, warm-up": schedules.cosine({ maxSteps: 20, warmupSteps: 6 }),
  "cosine, warm-up, floor": schedules.cosine({ maxSteps: 20, warmupSteps: 6, floor: 0.1 }),
  inverse_sqrt: schedules.inverse_sqrt(),
  "inverse_sqrt, warm-up": schedules.inverse_sqrt({ warmupSteps: 6 }),
  step: schedules.step({ maxSteps: 20, stepSize: 6, gamma: 0.5 }),
  "step, warm-up": schedules.step({ maxSteps: 20, warmupSteps: 5, stepSize: 5, gamma: 0.3 }),
};

test.each(Object.entries(golden.schedules))("%s is PyTorch's and transformers', update by update", (name, factors) => {
  const schedule = cases[name as keyof typeof cases];
  for (const [i, factor] of factors.entries()) expect(schedule(i + 1)).toBeCloseTo(factor, 12);
});

const names = Object.keys(schedules) as ScheduleName[];

test("a schedule rises once, to 1, then never rises, and stays at its floor", () => {
  const options = fc.record({
    maxSteps: fc.integer({ min: 1, max: 50 }),
    floor: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      options,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (name, { maxSteps, floor }, part) => {
        const warmupSteps = Math.floor(part * maxSteps);
        const schedule = schedules[name]({ maxSteps, warmupSteps, floor });
        const factors = Array.from({ length: maxSteps + 10 }, (_, i) => schedule(i + 1));
        if (warmupSteps > 0) expect(factors[0]).toBe(0);
        if (warmupSteps < maxSteps) expect(factors[warmupSteps]).toBe(1);
        for (let i = 1; i < factors.length; i++)
          if (i <= warmupSteps && warmupSteps < maxSteps) expect(factors[i]!).toBeGreaterThan(factors[i - 1]!);
          else if (i > warmupSteps) {
            expect(factors[i]!).toBeLessThanOrEqual(factors[i - 1]!);
            expect(factors[i]!).toBeGreaterThanOrEqual(floor);
          }
      },
    ),
  );
});

test("unless told otherwise, steps fall after each third", () => {
  const schedule = schedules.step({ maxSteps: 9 });
  expect([1, 3, 4, 6, 7, 9].map(schedule)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2, 0.1 ** 2]);
});

test("options out of range are refused", () => {
  expect(() => schedules.cosine({ maxSteps: 0 })).toThrow("schedule: maxSteps 0 is not above 0");
  expect(() => schedules.linear({ maxSteps: 5, warmupSteps: 6 })).toThrow(
    "schedule: warmupSteps 6 is not between 0 and maxSteps 5",
  );
  expect(() => schedules.cosine({ maxSteps: 5, floor: 2 })).toThrow("schedule: the floor 2 is not between 0 and 1");
  expect(() => schedules.step({ maxSteps: 5, stepSize: 0.5 })).toThrow(
    "schedule: stepSize 0.5 is not a whole number > 0",
  );
  expect(() => schedules.step({ maxSteps: 5, gamma: 0 })).toThrow("schedule: gamma 0 is not above 0");
});
