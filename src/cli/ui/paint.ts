/** Colours on a terminal (ECMA-48, Select Graphic Rendition), or none of them. */

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;
export type Color = keyof typeof CODES;

export type Paint = (color: Color, text: string) => string;

/** Node's `hasColors` knows NO_COLOR, FORCE_COLOR and TERM; it says whether to paint. */
export const paintOf = (colors: boolean): Paint =>
  colors ? (color, text) => `\u001b[${CODES[color][0]}m${text}\u001b[${CODES[color][1]}m` : (_, text) => text;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCE = /\u001b\[[0-9;]*m/g;

export const withoutPaint = (text: string): string => text.replace(SEQUENCE, "");

/** Text from outside made safe to print: control characters, which could move the cursor or worse, are shown as symbols. */
export const harmless = (text: string): string =>
  text
    .replace(/\r\n?/g, "\n")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
