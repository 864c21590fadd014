import { expect, test } from "vitest";
import { compareSettings, listDifferences, type RunSettings } from "./run-settings.ts";

const settings: RunSettings = {
  model: { model_type: "gpt2", n_layer: 2, task_specific_params: null },
  task: { name: "language-modeling", blockSize: 64 },
  tokenizer: "char",
  data: { train: [{ name: "a.txt", bytes: 100 }], validation: [] },
  training: { batchSize: 12, loggingSteps: 10, sampleSteps: 0, saveSteps: 500, saveTotalLimit: 2 },
  threads: 2,
};

test("settings that went through a file are the same", () => {
  const read = JSON.parse(JSON.stringify(settings));
  expect(compareSettings(read, { ...settings, device: undefined } as never)).toEqual({ fixed: [], free: [] });
});

test("how often it speaks and saves and what it runs on may differ; nothing else may", () => {
  const other: RunSettings = {
    model: { model_type: "gpt2", n_layer: 4, task_specific_params: {} },
    task: "language-modeling",
    tokenizer: "byte",
    data: { train: [{ name: "a.txt", bytes: 101 }], validation: [{ name: "b.txt" }] },
    training: { batchSize: 16, loggingSteps: 1, sampleSteps: 1, saveSteps: 1, saveTotalLimit: 1 },
    device: "cpu",
  };
  const { fixed, free } = compareSettings(settings, other);
  expect(free.map(({ key }) => key)).toEqual([
    "training.loggingSteps",
    "training.sampleSteps",
    "training.saveSteps",
    "training.saveTotalLimit",
    "threads",
    "device",
  ]);
  expect(listDifferences(free.slice(4))).toBe('threads 2 → missing, device missing → "cpu"');
  expect(listDifferences(fixed)).toBe(
    'model.n_layer 2 → 4, model.task_specific_params null → "{}", task.name "language-modeling" → missing, task.blockSize 64 → missing, tokenizer "char" → "byte", data.train[0].bytes 100 → 101, data.validation "[]" → missing, training.batchSize 12 → 16 and 2 more',
  );
});
