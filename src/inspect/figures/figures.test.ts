/** Figures are well-formed, stand alone, and show the numbers they are given. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkXml } from "../../../test/well-formed.ts";
import {
  byOrderSvg,
  curveOf,
  type LossEvent,
  lossSvg,
  lrFinderSvg,
  type RateLoss,
  runsSvg,
  suggestLearningRate,
} from "./index.ts";
import { element, escapeXml, path } from "./svg.ts";

/** A run whose loss falls towards `end`, evaluated at every fifth event. */
function run({ steps = 100, end = 1, floor }: { steps?: number; end?: number; floor?: number } = {}): LossEvent[] {
  const events: LossEvent[] = [{ event: "start", step: 0, ...(floor !== undefined && { floor }) }];
  for (let step = 10; step <= steps; step += 10) {
    const loss = end + 30 / step;
    events.push({
      event: "step",
      step,
      loss,
      elapsed_ms: 500 + step * 20,
      tokens_per_second: 5000,
      learning_rate: 1e-3,
    });
    if (step % 50 === 0) events.push({ event: "evaluation", step, loss: loss + 0.1 });
  }
  return events;
}

const standsAlone = (svg: string) => {
  expect(svg).not.toMatch(/href|url\((?!#)|@import|<script/);
  expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  expect(svg).toContain("prefers-color-scheme:dark");
};

test("the loss figure shows training, validation, the best and the floor, with axes", () => {
  const svg = lossSvg(run({ floor: 0.9 }), { title: "runs/a" });
  const names = checkXml(svg);
  standsAlone(svg);
  expect(names.filter((name) => name === "circle")).toHaveLength(2 + 1 + 1); // points, ring, legend
  for (const words of ["runs/a", "training (smoothed)", "validation", "best 1.400 at step 100", "floor 0.900"])
    expect(svg).toContain(`>${words}<`);
  for (const words of ["step", "loss (nats per token)", "100", "0"]) expect(svg).toContain(`>${words}<`);
});

test("the loss figure describes itself in words", () => {
  expect(lossSvg(run({ floor: 0.9 }))).toContain(
    "<desc>Training loss from 4.000 at step 10 to 1.300 at step 100. Best of 2 validation losses: 1.400 at step 100. No model can be below 0.900.</desc>",
  );
  expect(lossSvg([])).toContain("<desc>No step has been done.</desc>");
});

test("a run without validation has neither its points nor a best", () => {
  const svg = lossSvg(run().filter(({ event }) => event !== "evaluation"));
  expect(checkXml(svg)).not.toContain("circle");
  expect(svg).not.toContain("best");
});

test("the losses of n-gram models are drawn by their order, the least marked", () => {
  const svg = byOrderSvg([3.3, 2.5, 2.02, 2.1]);
  checkXml(svg);
  standsAlone(svg);
  expect(svg).toContain(">least 2.020 with order 3<");
  expect(svg).toContain("<desc>Held-out loss: 3.300 with order 1, 2.500 with order 2,");
  for (const tick of ["1", "2", "3", "4"]) expect(svg).toContain(`>${tick}<`);
  expect(svg).not.toContain(">1.5<");
  checkXml(byOrderSvg([3.3]));
});

test("names are escaped, whatever they hold", () => {
  const name = '<b>&"\u0007\ud800</b>';
  const svg = runsSvg([{ name, events: run() }]);
  checkXml(svg);
  expect(svg).toContain("&lt;b&gt;&amp;&quot;\ufffd\ufffd&lt;/b&gt;");
});

test("runs are compared by step, by time and by tokens", () => {
  const svg = runsSvg([
    { name: "a", events: run() },
    { name: "b", events: run({ end: 2 }) },
  ]);
  checkXml(svg);
  standsAlone(svg);
  for (const words of ["a", "b", "step", "training time (seconds)", "tokens read"]) expect(svg).toContain(`>${words}<`);
  expect(
    checkXml(runsSvg([{ name: "a", events: run() }], { by: ["time"] })).filter((n) => n === "clipPath"),
  ).toHaveLength(1);
});

test("the learning-rate finder's figure marks its suggestion on a logarithmic axis", () => {
  const svg = lrFinderSvg(valley(1e-3));
  checkXml(svg);
  standsAlone(svg);
  expect(svg).toMatch(/>suggested \d\.\de-[34]</);
  for (const words of ["1e-6", "1e-3", "learning rate"]) expect(svg).toContain(`>${words}<`);
});

/** Falls around `steepest`, is lowest at ten times that, then diverges. */
const valley = (steepest: number): RateLoss[] =>
  Array.from({ length: 100 }, (_, i) => {
    const learning_rate = 1e-6 * 10 ** (i / 16);
    const x = Math.log10(learning_rate / steepest);
    return { learning_rate, loss: 4 - 2 / (1 + Math.exp(-4 * x)) + 5 * Math.max(0, x - 1) ** 2 };
  });

test("the suggested rate is where the loss falls fastest", () => {
  for (const steepest of [1e-4, 1e-3, 1e-2]) {
    const suggested = suggestLearningRate(valley(steepest))!;
    expect(Math.abs(Math.log10(suggested / steepest))).toBeLessThan(0.15);
  }
});

test("a loss that only rises, or too few rates, suggest nothing", () => {
  const rising = valley(1e-3).map(({ learning_rate }, i) => ({ learning_rate, loss: i }));
  expect(suggestLearningRate(rising)).toBeUndefined();
  expect(suggestLearningRate(valley(1e-3).slice(0, 4))).toBeUndefined();
  expect(lrFinderSvg(rising)).toContain("<desc>The loss does not fall.</desc>");
  checkXml(lrFinderSvg([]));
});

test("figures are well-formed for any losses", () => {
  const anyNumber = fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e-300, 1e300));
  const event = fc.record({
    event: fc.constantFrom("start", "step", "evaluation"),
    step: fc.nat(),
    loss: anyNumber,
    elapsed_ms: fc.nat(),
    tokens_per_second: fc.nat(),
    floor: anyNumber,
  });
  fc.assert(
    fc.property(fc.array(event), fc.string(), (events, title) => {
      checkXml(lossSvg(events, { title }));
      checkXml(runsSvg([{ name: title, events }]));
      checkXml(lrFinderSvg(events.map(({ loss }, i) => ({ learning_rate: i, loss }))));
    }),
    { numRuns: 50 },
  );
});

test("a resumed run's curve goes on where its checkpoint was, in steps and in time", () => {
  const before = run({ steps: 100 });
  const after = run({ steps: 150 }).filter(({ step }) => step === 0 || step! > 50);
  const { train, validation } = curveOf([...before, { ...after[0]!, step: 50 }, ...after.slice(1)]);
  expect(train.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]);
  expect(validation.map(({ step }) => step)).toEqual([50, 100, 150]);
  const seconds = train.map((measured) => measured.seconds);
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
  expect(seconds.at(-1)).toBeCloseTo(40 * 0.02 + 90 * 0.02, 6);
});

test("tokens are counted by what most stretches between events say", () => {
  const events = run();
  const slow = events.map((e) => (e.step! > 50 && e.elapsed_ms ? { ...e, elapsed_ms: e.elapsed_ms + 60_000 } : e));
  for (const given of [events, slow]) expect(curveOf(given).train.at(-1)!.tokens).toBeCloseTo(100 * 5000 * 0.02, 3);
});

test("a path is interrupted where a coordinate is no number", () => {
  expect(
    path([
      [0, 1],
      [2, Number.NaN],
      [3, 4],
      [5, 6.789],
    ]),
  ).toBe("M0 1M3 4L5 6.79");
  expect(element("g", { id: "a", x: undefined }, [])).toBe('<g id="a"/>');
  expect(escapeXml("a < b & c")).toBe("a &lt; b &amp; c");
});
