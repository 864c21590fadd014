/**
 * Dates as people write them → ISO 8601 ("Fri, 3rd of March '95" → "1995-03-03"): the task on which additive attention
 * is often shown. 36,525 days in 1950 … 2049, so that two digits say the year, in 30 ways, none of which is another
 * day's: each text has one answer.
 */
import type { Row, Toy } from "./row.ts";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const FIRST = Date.UTC(1950, 0, 1);
const DAY = 24 * 60 * 60 * 1000;
export const COUNT = 36_525;

interface Parts {
  readonly d: number;
  readonly m: number;
  readonly y: number;
  readonly month: string;
  readonly weekday: string;
}
const two = (n: number): string => String(n).padStart(2, "0");
const short = (word: string): string => word.slice(0, 3);
/** 1st, 2nd, 3rd, 4th … 11th … 21st */
const nth = (n: number): string => n + (((n % 100) >> 3 !== 1 && { 1: "st", 2: "nd", 3: "rd" }[n % 10]) || "th");

/** Where digits alone are written, day and month follow from the mark: 3.4. and 4/3 are the third of April. */
const formats: readonly ((parts: Parts) => string)[] = [
  ({ d, month, y }) => `${d} ${month} ${y}`,
  ({ d, month, y }) => `${nth(d)} ${month} ${y}`,
  ({ d, month, y }) => `${nth(d)} of ${month} ${y}`,
  ({ d, month, y }) => `the ${nth(d)} of ${month}, ${y}`,
  ({ d, month, y }) => `${month} ${d}, ${y}`,
  ({ d, month, y }) => `${month} ${nth(d)}, ${y}`,
  ({ d, month, y }) => `${month} the ${nth(d)}, ${y}`,
  ({ d, month, y }) => `${y}, ${month} ${d}`,
  ({ d, month, y }) => `${d} ${short(month)} ${y}`,
  ({ d, month, y }) => `${short(month)} ${d}, ${y}`,
  ({ d, month, y }) => `${short(month)}. ${d}, ${y}`,
  ({ d, month, y }) => `${d}-${short(month)}-${y}`,
  ({ d, month, y }) => `${d}-${short(month).toLowerCase()}-${two(y % 100)}`,
  ({ d, month, y }) => `${two(d)}${short(month).toUpperCase()}${y}`,
  ({ d, month, y }) => `${d} ${short(month)} '${two(y % 100)}`,
  ({ d, month, y }) => `${month.toLowerCase()} ${d} ${y}`,
  ({ d, month, y }) => `${month.toUpperCase()} ${d}, ${y}`,
  ({ d, month, y, weekday }) => `${weekday}, ${d} ${month} ${y}`,
  ({ d, month, y, weekday }) => `${weekday}, ${month} ${d}, ${y}`,
  ({ d, month, y, weekday }) => `${weekday} the ${nth(d)} of ${month} ${y}`,
  ({ d, month, y, weekday }) => `${short(weekday)}, ${two(d)} ${short(month)} ${y}`,
  ({ d, month, y, weekday }) => `${short(weekday)} ${short(month)} ${d} ${y}`,
  ({ d, month, y, weekday }) =>
    `${short(weekday).toLowerCase()}, ${nth(d)} ${short(month).toLowerCase()} '${two(y % 100)}`,
  ({ d, m, y }) => `${d}.${m}.${y}`,
  ({ d, m, y }) => `${two(d)}.${two(m)}.${y}`,
  ({ d, m, y }) => `${d}. ${m}. ${two(y % 100)}`,
  ({ d, m, y }) => `${m}/${d}/${y}`,
  ({ d, m, y }) => `${two(m)}/${two(d)}/${two(y % 100)}`,
  ({ d, m, y }) => `${y}/${m}/${d}`,
  ({ d, m, y }) => `${y}${two(m)}${two(d)}`,
];

/** Every way in which day `index` of 0 … COUNT - 1 is written; May's short name makes some of them equal. */
export function waysOf(index: number): { readonly ways: readonly string[]; readonly iso: string } {
  const date = new Date(FIRST + index * DAY);
  const [y, m, d] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const parts = { d, m, y, month: MONTHS[m - 1]!, weekday: DAYS[date.getUTCDay()]! };
  return { ways: formats.map((format) => format(parts)), iso: date.toISOString().slice(0, 10) };
}

export const dates: Toy = {
  summary: 'human dates as ISO: "Fri, 3 Mar 1995" is 1995-03-03',
  options: {},
  row(draws): Row {
    const { ways, iso } = waysOf(draws.below(COUNT));
    const source = ways[draws.below(ways.length)]!;
    const equal = ways.filter((way) => way === source).length;
    return { source, target: iso, nats: draws.nats - Math.log(equal) };
  },
};
