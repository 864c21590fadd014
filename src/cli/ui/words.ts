/** Numbers as people read them. */

/** 1240 → "1,240". */
export const count = (n: number): string => Math.round(n).toLocaleString("en-US");

/** 23100 → "23.1k". */
export const compact = (n: number): string => scaled(n, ["", "k", "M", "G", "T", "P"]);

/** 1500000 → "1.5 MB" (10⁶ bytes). */
export const bytes = (n: number): string => scaled(n, [" B", " kB", " MB", " GB", " TB", " PB"]);

/** Floating-point operations: 2.9e11 → "290 GFLOP". */
export const operations = (n: number): string =>
  scaled(n, [" FLOP", " kFLOP", " MFLOP", " GFLOP", " TFLOP", " PFLOP", " EFLOP"]);

/** Seconds: 72 → "1:12", 3725 → "1:02:05". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Losses and metrics: four digits that count. */
export const measure = (x: number): string =>
  !Number.isFinite(x) ? String(x) : Math.abs(x) >= 1000 ? count(x) : Math.abs(x) >= 10 ? x.toFixed(2) : x.toFixed(3);

/** A learning rate or an error: 0.00062 → "6.2e-4". */
export const scientific = (x: number): string => (x === 0 ? "0" : x.toExponential(1).replace("e+", "e"));

/** Three digits that count, and the prefix of the largest thousand below. */
function scaled(n: number, units: readonly string[]): string {
  let [value, unit] = [n, 0];
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 ? 0 : Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
  return `${Number(value.toFixed(digits))}${units[unit]}`;
}
