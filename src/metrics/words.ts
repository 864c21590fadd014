/** Words and spaces as Python's `str.split()` and `str.rstrip()` see them, which the reference implementations use. */

/** `str.isspace`: the Unicode spaces and the ASCII separators, but not U+FEFF, which JavaScript's `\s` has too. */
const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const words = new RegExp(`[^${SPACES}]+`, "g");
const start = new RegExp(`^[${SPACES}]+`);
const end = new RegExp(`(?<![${SPACES}])[${SPACES}]+$`);
const runs = new RegExp(`[${SPACES}]{2,}`, "g");
const spaces = new RegExp(`[${SPACES}]+`, "g");

/** `text.split()`: what stands between spaces; none for a text of spaces. */
export const splitWords = (text: string): string[] => text.match(words) ?? [];

/** `text.rstrip()`. */
export const stripEnd = (text: string): string => text.replace(end, "");

/** `text.strip()`. */
export const strip = (text: string): string => stripEnd(text.replace(start, ""));

/** `"".join(text.split())`. */
export const withoutSpaces = (text: string): string => text.replace(spaces, "");

/** `re.sub(r"\s\s+", " ", text)`. */
export const joinSpaces = (text: string): string => text.replace(runs, " ");
