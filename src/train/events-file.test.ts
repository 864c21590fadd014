import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TrainEvent } from "./events.ts";
import { openEvents, readEvents } from "./events-file.ts";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  return { ...real, writeSync: vi.fn(real.writeSync) };
});

let folder: string;
let path: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "events-"));
  path = join(folder, "events.jsonl");
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const start: TrainEvent = {
  event: "start",
  parameters: 9,
  task: "t",
  model: "gpt2",
  train_examples: 5,
  step: 0,
  max_steps: 9,
};
const evaluation = (step: number): TrainEvent => ({ event: "evaluation", step, loss: 1 / step, metrics: {} });
const warning = (message: string): TrainEvent => ({ event: "warning", message });
const write = (events: readonly TrainEvent[], options = {}) => {
  using file = openEvents(folder, options);
  for (const event of events) file.append(event);
};

test("events are lines, read back as they were", () => {
  const events = [start, warning("löß\n"), evaluation(3)];
  write(events);
  expect(fs.readFileSync(path, "utf8").split("\n")).toEqual([...events.map((e) => JSON.stringify(e)), ""]);
  expect(readEvents(folder)).toEqual(events);
});

test("a run that goes on keeps the events up to its checkpoint, and adds to them", () => {
  write([start, evaluation(1), warning("ä"), evaluation(2), evaluation(3), warning("b"), evaluation(4)]);
  write([evaluation(3)], { keepUpTo: 2 });
  expect(readEvents(folder)).toEqual([start, evaluation(1), warning("ä"), evaluation(2), evaluation(3)]);
  write([], { keepUpTo: 9 });
  expect(readEvents(folder)).toHaveLength(5);
});

test("a run that begins anew keeps none", () => {
  write([start, evaluation(1)]);
  write([warning("new")], { keepUpTo: undefined });
  expect(readEvents(folder)).toEqual([warning("new")]);
});

test("there may be no events yet", () => {
  write([start], { keepUpTo: 5 });
  expect(readEvents(folder)).toEqual([start]);
});

test("wherever a kill cut the file, the whole lines are kept and the next begins on its own", () => {
  write([start, evaluation(1), evaluation(2)]);
  const bytes = fs.readFileSync(path);
  const [first, second] = [bytes.indexOf(10), bytes.indexOf(10, bytes.indexOf(10) + 1)];
  for (let cut = 0; cut <= bytes.length; cut++) {
    fs.writeFileSync(path, bytes.subarray(0, cut));
    const whole = [start, evaluation(1), evaluation(2)].slice(
      0,
      cut === bytes.length ? 3 : cut > second ? 2 : cut > first ? 1 : 0,
    );
    expect(readEvents(folder)).toEqual(whole);
    write([warning("next")], { keepUpTo: 9 });
    expect(readEvents(folder)).toEqual([...whole, warning("next")]);
  }
});

test("lines that a power cut spoilt end what is kept, and are told with their number to who reads", () => {
  write([start, evaluation(1)]);
  fs.appendFileSync(path, `\0\0\0\n${JSON.stringify(evaluation(2))}\n`);
  expect(() => readEvents(folder)).toThrow(`${path}: line 3:1:1: `);
  write([evaluation(2)], { keepUpTo: 9 });
  expect(readEvents(folder)).toEqual([start, evaluation(1), evaluation(2)]);
  fs.appendFileSync(path, '{"step":1}\n');
  expect(() => readEvents(folder)).toThrow(new Error(`${path}: line 4: is no event`));
});

test("a run without events is told", () => {
  expect(() => readEvents(folder)).toThrow(`${path}: no such file or folder`);
  expect(() => openEvents(join(folder, "absent"))).toThrow("absent/events.jsonl: no such file or folder");
});

test("a full disk leaves no half of a line, and is told", async () => {
  using file = openEvents(folder);
  file.append(start);
  const { writeSync } = await vi.importActual<typeof import("node:fs")>("node:fs");
  const part = (fd: number, bytes: Uint8Array) => writeSync(fd, bytes, 0, 5);
  const full = () => {
    throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  vi.mocked(fs.writeSync)
    .mockImplementationOnce(part as typeof fs.writeSync)
    .mockImplementationOnce(full);
  expect(() => file.append(evaluation(1))).toThrow(`${path}: the disk is full; free some space and try again`);
  file.append(evaluation(2));
  expect(readEvents(folder)).toEqual([start, evaluation(2)]);
});
