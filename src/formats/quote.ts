/** Values from outside, made fit for an error message: one line, bounded, without control characters. */

const LONGEST = 80; // characters of a text
const MOST = 8; // items of a list
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029]/g; // JSON.stringify escapes those below 0x20 itself

/** `"a\nb"` for a name with a line break; cut after 80 characters. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  return shown.replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `"a", "b" and 5 more`: at most eight names. */
export function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, MOST).map(quote).join(", ");
  return names.length > MOST ? `${shown} and ${names.length - MOST} more` : shown;
}

/** A JSON value in short: `3`, `"a"`, `[2, 3]`, `an object`, `missing`. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return quote(value);
  if (!Array.isArray(value)) return typeof value === "object" && value !== null ? "an object" : String(value);
  const items = value.slice(0, MOST).map((item) => (Array.isArray(item) ? "an array" : show(item)));
  return `[${items.join(", ")}${value.length > MOST ? ", …" : ""}]`;
}
