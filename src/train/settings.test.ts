import { expect, test } from "vitest";
import { scheduled, trainingSettings } from "./settings.ts";

test("epochs become steps, a pass that ends within a step counting whole", () => {
  const of = (epochs: number) => scheduled(trainingSettings({ epochs, maxSteps: 7 }), 2.5).maxSteps;
  expect([0, 0.1, 1, 2, 2.1].map(of)).toEqual([7, 1, 3, 5, 6]);
});

test("a warm-up must fit into the steps, those that epochs become too", () => {
  expect(() => trainingSettings({ maxSteps: 5, warmupSteps: 6 })).toThrow(
    "training: warmupSteps 6 is more than maxSteps 5",
  );
  const settings = trainingSettings({ epochs: 2, maxSteps: 5, warmupSteps: 6 });
  expect(scheduled(settings, 3).maxSteps).toBe(6);
  expect(() => scheduled(settings, 2)).toThrow("training: warmupSteps 6 is more than maxSteps 4");
});

test("more epochs than can be counted are refused", () => {
  expect(() => scheduled(trainingSettings({ epochs: 1e300 }), 10)).toThrow(
    "training: 1e+300 epochs are 1e+301 steps, which nobody can count",
  );
});

test("a precision that there is not is refused", () => {
  expect(() => trainingSettings({ precision: "bf16" as never })).toThrow(
    'training: precision is "bf16", but must be one of float32, int8',
  );
});
