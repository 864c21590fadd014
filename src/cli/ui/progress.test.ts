/** What people see of a training run, on a terminal and in a log. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeTerminal } from "../../../test/fake-terminal.ts";
import type { StepEvent, TrainEvent } from "../../train/events.ts";
import { createProgress } from "./progress.ts";
import { progressLine } from "./progress-line.ts";
import type { Standing } from "./standing.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const start: TrainEvent = {
  event: "start",
  parameters: 809_984,
  task: "language-modeling",
  model: "gpt2",
  train_examples: 15_684,
  step: 0,
  max_steps: 2000,
  floor: 1.32,
};
const step = (n: number, loss = 2): StepEvent => ({
  event: "step",
  step: n,
  loss,
  learning_rate: 6.2e-4,
  grad_norm: 1,
  tokens_per_second: 23_100,
  elapsed_ms: 0,
});

/** Steps `from` to `to` by tens, half a second apart. */
function train(show: (event: TrainEvent) => void, from: number, to: number): void {
  for (let n = from; n <= to; n += 10) {
    vi.advanceTimersByTime(500);
    show(step(n));
  }
}

test("a terminal has one line that moves, with step, loss, speed, rate and time left", () => {
  const { terminal, screen } = fakeTerminal({ columns: 120 });
  const { show } = createProgress(terminal);
  show(start);
  expect(screen()).toEqual([
    "gpt2 for language-modeling: 809,984 parameters, 15,684 training examples; no model's loss can be below 1.320",
    "────────────────────────────────   0 %  0/2,000",
  ]);
  train(show, 10, 1000);
  expect(screen().slice(1)).toEqual([
    "━━━━━━━━━━━━━━━━────────────────  50 %  1,000/2,000  loss 2.000  23.1k tokens/s  lr 6.2e-4  0:50 left",
  ]);
});

test("the time left counts down between events", () => {
  const { terminal, screen } = fakeTerminal();
  const { show } = createProgress(terminal);
  show(start);
  train(show, 10, 1000);
  vi.advanceTimersByTime(10_000);
  expect(screen().at(-1)).toContain("0:40 left");
});

test("evaluations, samples, checkpoints and warnings stand above the moving line", () => {
  const { terminal, screen } = fakeTerminal({ columns: 120 });
  const { show } = createProgress(terminal);
  show(start);
  train(show, 10, 500);
  show({ event: "evaluation", step: 500, loss: 1.9, metrics: { perplexity: 6.686 } });
  show({ event: "sample", step: 500, text: "To be,\nor not\n" });
  show({ event: "checkpoint", step: 500, path: "runs/a/checkpoints/step-500" });
  show({ event: "warning", message: "the loss is below the floor" });
  expect(screen().slice(1)).toEqual([
    "step 500  validation loss 1.900  perplexity 6.686  best so far",
    "step 500  a sample:",
    "│ To be,",
    "│ or not",
    "step 500  saved runs/a/checkpoints/step-500",
    "warning: the loss is below the floor",
    expect.stringMatching(/^━+─+ {2}25 % {2}500\/2,000 {2}loss 2\.000 {2}validation 1\.900/),
  ]);
});

test("a second evaluation is the best only if it is better", () => {
  const { terminal, screen } = fakeTerminal({ isTTY: false });
  const { show } = createProgress(terminal);
  for (const loss of [1.9, 1.8, 1.85]) show({ event: "evaluation", step: 1, loss, metrics: {} });
  expect(screen().map((line) => line.includes("best so far"))).toEqual([true, true, false, false]);
});

test("a sample cannot move the cursor or change colours", () => {
  const { terminal, written } = fakeTerminal({ isTTY: false });
  createProgress(terminal).show({ event: "sample", step: 1, text: "a\u001b[31mb\u009bc\u0007\u202ed" });
  expect(written.join("")).toBe("step 1  a sample:\n│ a␛[31mb�c␇�d\n");
});

test("at the end the moving line is gone, and so are its timer and its listener", () => {
  const { terminal, screen, listeners } = fakeTerminal({ columns: 120 });
  const { show } = createProgress(terminal);
  show(start);
  expect(listeners()).toBe(1);
  train(show, 10, 2000);
  show({ event: "done", step: 2000, best: { step: 1750, loss: 1.786 }, path: "runs/a" });
  expect(screen().slice(1)).toEqual([
    "done: 2,000 steps in 1:40; best validation loss 1.786 at step 1,750; saved in runs/a",
    "",
  ]);
  expect([vi.getTimerCount(), listeners()]).toEqual([0, 0]);
});

test("a run that ends early says why", () => {
  const { terminal, screen } = fakeTerminal({ isTTY: false, columns: 200 });
  const { show } = createProgress(terminal);
  show({ event: "done", step: 700, stopped: "early" });
  expect(screen()[0]).toBe("done (stopped early: the loss got no better): 700 steps in 0:00");
});

test("a resumed run says where it goes on", () => {
  const { terminal, screen } = fakeTerminal({ isTTY: false, columns: 200 });
  createProgress(terminal).show({ ...start, step: 1500 });
  expect(screen()[0]).toContain("resumed at step 1,500");
});

test("a run that fails takes its moving line away when it is closed", () => {
  const { terminal, screen } = fakeTerminal();
  const { show, close } = createProgress(terminal);
  show(start);
  train(show, 10, 50);
  close();
  expect(screen().at(-1)).toBe("");
  expect(vi.getTimerCount()).toBe(0);
});

test("the line is drawn at most every 80 ms, each time in one write that erases nothing first", () => {
  const { terminal, written } = fakeTerminal();
  const { show } = createProgress(terminal);
  show(start);
  written.length = 0;
  for (let n = 1; n <= 100; n++) {
    vi.advanceTimersByTime(8);
    show(step(n));
  }
  expect(written.length).toBeGreaterThan(5);
  expect(written.length).toBeLessThanOrEqual(11);
  for (const write of written) expect(write.replaceAll("\u001b[K", "<erase>")).toMatch(/^\r[^\r\n<]*<erase>$/);
});

test("a narrower screen leaves nothing of the longer line behind", () => {
  const { terminal, screen, resize } = fakeTerminal({ columns: 100 });
  const { show } = createProgress(terminal);
  show(start);
  train(show, 10, 1000);
  resize(50);
  expect(screen().at(-1)).toMatch(/^━+─+ {2}50 % {2}loss 2\.000 {2}0:50 left$/);
  expect(screen().filter((line) => line.includes("50 %"))).toHaveLength(1);
});

test("a log has plain lines, about twenty a run, and no control sequences", () => {
  const { terminal, written } = fakeTerminal({ isTTY: false });
  const { show } = createProgress(terminal);
  show(start);
  train(show, 10, 2000);
  const lines = written.join("").trimEnd().split("\n");
  expect(lines.length).toBeGreaterThanOrEqual(18);
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(lines[1]).toBe("step 10/2,000  loss 2.000  23.1k tokens/s  lr 6.2e-4");
  expect(lines.at(-1)).toBe("step 2,000/2,000  loss 2.000  23.1k tokens/s  lr 6.2e-4  0:00 left");
  for (const control of ["\u001b", "\r"]) expect(written.join("")).not.toContain(control);
});

test("a slow run's log has a line every half minute", () => {
  const { terminal, written } = fakeTerminal({ isTTY: false });
  const { show } = createProgress(terminal);
  show(start);
  for (let n = 1; n <= 12; n++) {
    vi.advanceTimersByTime(10_000);
    show(step(n));
  }
  expect(written).toHaveLength(1 + 4);
});

test("with --quiet only warnings are told", () => {
  const { terminal, written } = fakeTerminal();
  const { show } = createProgress(terminal, { quiet: true });
  show(start);
  train(show, 10, 100);
  show({ event: "warning", message: "careful" });
  expect(written).toEqual(["warning: careful\n"]);
});

test("colours are used where the terminal has them, and only there", () => {
  const painted = fakeTerminal({ colors: true });
  createProgress(painted.terminal).show({ event: "warning", message: "careful" });
  expect(painted.written).toEqual(["\u001b[33mwarning:\u001b[39m careful\n"]);
  const log = fakeTerminal({ isTTY: false, colors: true });
  createProgress(log.terminal).show({ event: "warning", message: "careful" });
  expect(log.written).toEqual(["warning: careful\n"]);
});

test("a line never exceeds its columns, and keeps the loss longest", () => {
  const standing: Standing = {
    step: 1234,
    maxSteps: 20_000,
    loss: 1.712,
    validation: 1.803,
    tokensPerSecond: 23_100,
    learningRate: 6.2e-4,
    secondsLeft: 4321,
  };
  const lines = Array.from({ length: 140 }, (_, columns) => progressLine(standing, columns, (_, text) => text));
  for (const [columns, line] of lines.entries()) expect(line.length).toBeLessThanOrEqual(columns);
  expect(lines[139]).toBe(
    "━━──────────────────────────────   6 %  1,234/20,000  loss 1.712  validation 1.803  23.1k tokens/s  lr 6.2e-4  1:12:01 left",
  );
  expect(lines[30]).toBe("━───────────   6 %  loss 1.712");
});
