/** Generated series: 1, 2, 3 …, whose held-out part lies outside all that was learned from, and a sine. */
import { fillNormal, keyOf } from "../../random.ts";
import type { Series } from "../series.ts";
import { nameOf, readOptions } from "./asked.ts";
import { option } from "./row.ts";

export const seriesToys = {
  count: {
    summary: "1, 2, 3 …: who learns values and not changes fails beyond the last one seen",
    options: { length: option("numbers", 100, { low: 3, high: 1_000_000 }) },
  },
  sine: {
    summary: "a sine, with noise if asked for",
    options: {
      length: option("numbers", 1000, { low: 3, high: 1_000_000 }),
      period: option("steps in a wave", 50, { low: 2, high: 100_000 }),
      noise: option("hundredths of the height: the noise's standard deviation", 0, { low: 0, high: 1000 }),
      seed: option("of the noise", 0, { low: 0, high: 2 ** 32 - 1 }),
    },
  },
} as const;

/** "count", "sine,period=20,noise=10". Throws for names and numbers that are not there. */
export function toySeries(asked: string): Series {
  const [name, given] = nameOf(asked);
  if (!Object.hasOwn(seriesToys, name))
    throw new RangeError(`toy: there is no series "${name}"; there are ${Object.keys(seriesToys).join(", ")}`);
  const options = readOptions(name, given, seriesToys[name as keyof typeof seriesToys].options);
  const of = (key: string): number => options[key]?.high ?? 0;
  const noise = fillNormal(new Float32Array(of("length")), keyOf(of("seed"), "noise"), { std: of("noise") / 100 });
  const value = (i: number): number =>
    name === "count" ? i + 1 : Math.sin((2 * Math.PI * i) / of("period")) + noise[i]!;
  return { names: [name], columns: [Float64Array.from({ length: of("length") }, (_, i) => value(i))] };
}
