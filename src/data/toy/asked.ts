/** How toys are asked for: "copy", "copy,length=5-8,rows=1000". */
import type { Span, Toy } from "./row.ts";

/** The name and the options behind it. */
export function nameOf(asked: string): [name: string, options: readonly string[]] {
  const [name, ...given] = asked.split(",") as [string, ...string[]];
  return [name, given];
}

/** What is asked, and the fallbacks for the rest. Throws for an option that is not there, or outside its limits. */
export function readOptions(
  name: string,
  given: readonly string[],
  known: Toy["options"],
): Readonly<Record<string, Span>> {
  const options = Object.fromEntries(Object.entries(known).map(([key, { fallback }]) => [key, fallback]));
  for (const text of given) {
    const [key, value = ""] = text.split("=") as [string, string | undefined];
    if (!Object.hasOwn(known, key))
      throw new RangeError(`toy:${name}: there is no option "${key}"; there are ${Object.keys(known).join(", ")}`);
    options[key] = spanOf(`toy:${name}: ${key}`, value, known[key]!.limits);
  }
  return options;
}

/** "5", or "5-8" for all from 5 to 8. */
function spanOf(what: string, text: string, { low: least, high: most }: Span): Span {
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const span = { low: Number(low), high: Number(high) };
  if (span.low >= least && span.low <= span.high && span.high <= most) return span;
  throw new RangeError(`${what} is "${text}", but must be a whole number or two (5-8) from ${least} to ${most}`);
}
