/** One line that says where a training run is: what fits in the columns, the less needed left out first. */
import type { Paint } from "./paint.ts";
import type { Standing } from "./standing.ts";
import { compact, count, duration, measure, scientific } from "./words.ts";

const BAR = { narrowest: 8, widest: 32 };

/** The fields in their order, each with its rank: the highest is left out first. */
function fields({ step, maxSteps, loss, validation, tokensPerSecond, learningRate, secondsLeft }: Standing) {
  return [
    { rank: 4, text: `${count(step)}/${count(maxSteps)}` },
    ...(loss === undefined ? [] : [{ rank: 0, text: `loss ${measure(loss)}` }]),
    ...(validation === undefined ? [] : [{ rank: 2, text: `validation ${measure(validation)}` }]),
    ...(tokensPerSecond === undefined ? [] : [{ rank: 3, text: `${compact(tokensPerSecond)} tokens/s` }]),
    ...(learningRate === undefined ? [] : [{ rank: 5, text: `lr ${scientific(learningRate)}` }]),
    ...(secondsLeft === undefined ? [] : [{ rank: 1, text: `${duration(secondsLeft)} left` }]),
  ];
}

/** At most `columns` letters, with a bar that takes what room is left. */
export function progressLine(standing: Standing, columns: number, paint: Paint): string {
  const share = standing.maxSteps > 0 ? Math.min(1, standing.step / standing.maxSteps) : 0;
  const percent = `${String(Math.floor(100 * share)).padStart(3)} %`;
  let shown = fields(standing);
  const text = () => [percent, ...shown.map(({ text }) => text)].join("  ");
  const room = () => columns - text().length - 1;
  while (shown.length > 0 && room() < BAR.narrowest) {
    const dropped = shown.reduce((a, b) => (b.rank > a.rank ? b : a));
    shown = shown.filter((field) => field !== dropped);
  }
  const width = Math.min(BAR.widest, room());
  return width < 1 ? text().slice(0, Math.max(0, columns)) : `${bar(share, width, paint)} ${text()}`;
}

/** The same for a log: everything, without a bar. */
export const plainLine = (standing: Standing): string =>
  `step ${fields(standing)
    .map(({ text }) => text)
    .join("  ")}`;

/** `share` of `width` letters. */
export function bar(share: number, width: number, paint: Paint): string {
  const done = Math.round(share * width);
  return paint("cyan", "━".repeat(done)) + paint("dim", "─".repeat(width - done));
}
