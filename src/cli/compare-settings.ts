/** The settings in which runs differ. */
import type { JsonObject } from "../formats/index.ts";
import { compareSettings, type RunSettings } from "../train/run-settings.ts";

/** For each run a map with the same keys, in their order: "training.learningRate" → its value, or undefined. */
export function differingSettings(runs: readonly JsonObject[]): Map<string, unknown>[] {
  const [first = {}, ...others] = runs;
  const found = others.map((other) => {
    const { fixed, free } = compareSettings(first, other as unknown as RunSettings);
    return [...fixed, ...free];
  });
  const before = new Map(found.flat().map(({ key, before }) => [key, before]));
  const now = found.map((differences) => new Map(differences.map(({ key, now }) => [key, now])));
  return [
    before,
    ...now.map((own) => new Map([...before].map(([key, value]) => [key, own.has(key) ? own.get(key) : value]))),
  ];
}
