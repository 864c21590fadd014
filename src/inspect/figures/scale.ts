/** Scales: from a range of numbers to places between 0 and 1, with round ticks (Heckbert 1990, "Nice numbers for graph labels"). */

export interface Scale {
  /** 0 at the low end of the range, 1 at the high end; beyond them outside [0, 1]. */
  (value: number): number;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  readonly label: (tick: number) => string;
}
export type Range = readonly [low: number, high: number];
/** How a chart makes a scale of what it is to show: about `count` ticks. */
export type ScaleOf = (range: Range, count: number) => Scale;

export const linear: ScaleOf = ([low, high], count) => {
  const step = roundStep((high - low) / Math.max(1, count));
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const plain = decimals <= 6 && Math.max(-low, high) < 1e15;
  const place = (value: number) => (value - low) / (high - low);
  return Object.assign(place, {
    low,
    high,
    ticks,
    label: plain ? (tick: number) => decimal(tick, decimals) : exponential,
  });
};

/** Ticks at powers of ten; where these are few, at their 2- and 5-fold too. Both ends must be above 0. */
export const logarithmic: ScaleOf = ([low, high], count) => {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => Math.floor(from) + i);
  const within = (tick: number) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9);
  const times = (factors: readonly number[]) =>
    powers.flatMap((power) => factors.map((f) => Number(`${f}e${power}`))).filter(within);
  const tens = times([1]);
  const ticks = tens.length >= Math.min(3, count) ? every(tens, Math.ceil(tens.length / count)) : times([1, 2, 5]);
  const place = (value: number) => (Math.log10(value) - from) / (to - from);
  return Object.assign(place, { low, high, ticks, label: exponential });
};

const LARGEST = 1e300; // of what is shown: distances stay finite

/** The lowest and highest of `values`, those that are numbers, with `margin` of their distance at both ends. */
export function rangeOf(values: Iterable<number>, { margin = 0 } = {}): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(Math.abs(value) <= LARGEST)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  if (high - low <= 1e-9 * Math.max(-low, high))
    return [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
  return [low - margin * (high - low), high + margin * (high - low)];
}

/** 1, 2 or 5 times a power of ten: the one nearest to `step` by their ratio. */
function roundStep(step: number): number {
  const power = Math.floor(Math.log10(step));
  const rest = step / Number(`1e${power}`);
  const factor = rest >= Math.sqrt(50) ? 10 : rest >= Math.sqrt(10) ? 5 : rest >= Math.SQRT2 ? 2 : 1;
  return Number(`${factor}e${power}`);
}

const every = <T>(items: readonly T[], n: number): T[] => items.filter((_, i) => i % n === 0);

const exponential = (value: number): string => Number(value.toPrecision(10)).toExponential().replace("e+", "e");
const decimal = (value: number, digits: number): string =>
  (value === 0 ? 0 : value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
