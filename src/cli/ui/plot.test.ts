/** Losses drawn in letters. */
import { expect, test } from "vitest";
import type { LossEvent } from "../../inspect/figures/index.ts";
import { curveOf } from "../../inspect/figures/index.ts";
import { canvas } from "./canvas.ts";
import { lossCurve, runCurves } from "./curves.ts";
import { paintOf, withoutPaint } from "./paint.ts";

const plain = paintOf(false);

function run(end = 1, floor?: number): LossEvent[] {
  const events: LossEvent[] = [{ event: "start", step: 0, ...(floor !== undefined && { floor }) }];
  for (let step = 10; step <= 1000; step += 10) {
    events.push({ event: "step", step, loss: end + 30 / step, elapsed_ms: step * 100, tokens_per_second: 1000 });
    if (step % 250 === 0) events.push({ event: "evaluation", step, loss: end + 40 / step });
  }
  return events;
}

test("a rising line is drawn from the lower left to the upper right, in dots", () => {
  const drawing = canvas(2, 1);
  drawing.line([0, 0], [1, 1], "cyan");
  expect(drawing.rows(plain)).toEqual(["⡠⠊"]);
});

test("marks cover lines, and a level only fills what is empty", () => {
  const drawing = canvas(4, 1);
  drawing.line([0, 0], [0.4, 0], "cyan");
  drawing.mark([0, 0], "●", "yellow");
  drawing.level(0, "╌", "dim");
  expect(drawing.rows(plain)).toEqual(["●⣀╌╌"]);
});

test("a run's curve has its axes, its legend, its validation points and its floor", () => {
  const lines = lossCurve(run(1, 0.5), 100, plain).split("\n");
  expect(lines[0]).toBe(
    "loss by step   ⠒⠒ training (smoothed)   ● validation   ◆ best 1.040 at 1,000   ╌╌ floor 0.500",
  );
  expect(lines.filter((line) => line.includes("┤")).map((line) => line.split("┤")[0])).toEqual([
    "4 ",
    "3 ",
    "2 ",
    "1 ",
  ]);
  expect(lines.at(-1)!.trim().split(/ +/)).toEqual(["0", "200", "400", "600", "800", "1,000"]);
  const drawn = lines.slice(1).join("");
  expect(drawn.match(/●/g)).toHaveLength(3);
  expect(drawn.match(/◆/g)).toHaveLength(1);
  expect(lines.find((line) => line.includes("╌╌╌╌"))).toMatch(/╌$/);
});

test("the curve falls from the upper left to the lower right", () => {
  const rows = lossCurve(run(), 100, plain).split("\n").slice(1, 13);
  const columnsOf = (row: string) => [...row.split(/[│┤]/)[1]!].flatMap((c, i) => (/[⠁-⣿]/.test(c) ? [i] : []));
  expect(columnsOf(rows[0]!)[0]).toBeLessThan(2);
  const firsts = rows.flatMap((row) => columnsOf(row).slice(0, 1));
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
});

test("no line is wider than the terminal, whatever its width", () => {
  for (const columns of [20, 40, 60, 80, 200])
    for (const line of lossCurve(run(1, 0.9), columns, paintOf(true)).split("\n").slice(1))
      expect(withoutPaint(line).length).toBeLessThanOrEqual(Math.max(columns, 30));
});

test("runs are told apart by letters and colours, over the axis that is asked for", () => {
  const runs = ["small", "large"].map((name, i) => ({ name, curve: curveOf(run(1 + i)) }));
  const drawn = runCurves(runs, "time", 80, plain);
  expect(drawn).toContain("loss by training time (seconds)   ● small   ◆ large");
  expect(runCurves(runs, "tokens", 80, plain)).toContain("loss by tokens read");
  expect(runCurves(runs, "step", 80, paintOf(true))).toContain("\u001b[36m●\u001b[39m small");
  expect(drawn.split("\n").slice(1).join("").match(/[●◆]/g)!.length).toBeGreaterThanOrEqual(6);
});

test("a floor is drawn for several runs only if they share it", () => {
  const curves = (floors: (number | undefined)[]) =>
    floors.map((floor, i) => ({ name: `${i}`, curve: curveOf(run(1, floor)) }));
  expect(runCurves(curves([0.9, 0.9]), "step", 80, plain)).toContain("floor 0.900");
  expect(runCurves(curves([0.9, undefined]), "step", 80, plain)).not.toContain("floor");
});

test("without a step there is nothing to draw", () => {
  expect(lossCurve([], 80, plain)).toBe("");
});
