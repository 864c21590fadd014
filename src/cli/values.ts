/** Values of options, checked while the command line is read; what does not fit is refused with the option's name. */
import { InvalidArgumentError } from "commander";

/** A parser for `.option("--steps <n>", "…", wholeNumber({ low: 1 }))`. */
export const wholeNumber =
  ({ low = 0, high = Number.MAX_SAFE_INTEGER } = {}) =>
  (text: string): number => {
    const value = Number(text);
    if (/^[+-]?\d+(e\d+)?$/i.test(text) && value >= low && value <= high) return value;
    const upTo = high === Number.MAX_SAFE_INTEGER ? `≥ ${low}` : `from ${low} to ${high}`;
    throw new InvalidArgumentError(`It must be a whole number ${upTo}.`);
  };

/** The same for any number; the limits themselves are allowed unless `open`. */
export const number =
  ({ low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY, open = false } = {}) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    const fits = open ? value > low && value < high : value >= low && value <= high;
    if (fits && Number.isFinite(value)) return value;
    const limits = [
      ...(low === Number.NEGATIVE_INFINITY ? [] : [`${open ? ">" : "≥"} ${low}`]),
      ...(high === Number.POSITIVE_INFINITY ? [] : [`${open ? "<" : "≤"} ${high}`]),
    ];
    throw new InvalidArgumentError(`It must be a number${limits.length > 0 ? ` ${limits.join(" and ")}` : ""}.`);
  };

/** "outputs,grads", given once or several times, as a list. */
export const list = (text: string, before: readonly string[] = []): string[] => {
  const items = text.split(",").map((item) => item.trim());
  if (items.includes("")) throw new InvalidArgumentError("It must be names with commas between them.");
  return [...before, ...items];
};

/** "--max-steps", the flag of the option `maxSteps`. */
export const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
