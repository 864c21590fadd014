/** A run's `events.jsonl`: one event a line, in the order they came; a resumed run goes on in it (Node). */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { explain, readBytes } from "../formats/file.ts";
import { parseJson } from "../formats/index.ts";
import type { TrainEvent } from "./events.ts";

export const EVENTS = "events.jsonl";

const NEWLINE = 10;
const MOST_BYTES = 2 ** 30;

export interface EventsFile extends Disposable {
  /** Adds a line: the whole or nothing of it. @throws when the disk does not take it */
  append(event: TrainEvent): void;
  close(): void;
}

/**
 * Opens a run's events for more.
 * @param keepUpTo the step of the checkpoint that the run goes on from: later events are cut off, and with them what a
 * kill left of a line. Undefined: none is kept
 */
export function openEvents(folder: string, { keepUpTo }: { keepUpTo?: number | undefined } = {}): EventsFile {
  const path = join(folder, EVENTS);
  let length = keepUpTo === undefined ? 0 : lengthUpTo(path, keepUpTo);
  const file = attempt(path, () => openSync(path, "a"));
  attempt(path, () => ftruncateSync(file, length));

  function append(event: TrainEvent): void {
    const line = new TextEncoder().encode(`${JSON.stringify(event)}\n`);
    try {
      for (let done = 0; done < line.length; ) done += writeSync(file, line, done);
      if (event.event === "checkpoint" || event.event === "done") fsyncSync(file);
    } catch (error) {
      ftruncateSync(file, length);
      throw explain(path, error);
    }
    length += line.length;
  }
  const close = () => closeSync(file);
  return { append, close, [Symbol.dispose]: close };
}

/**
 * A run's events. What a kill left of a last line is no event.
 * @throws when there are none, or a line is no event; the message names the line
 */
export function readEvents(folder: string): TrainEvent[] {
  const path = join(folder, EVENTS);
  return [...linesOf(readBytes(path, MOST_BYTES))].map(({ text }, i) => parseEvent(text, `${path}: line ${i + 1}`));
}

/** How many bytes the events up to a step have; they end before a line that cannot be read. */
function lengthUpTo(path: string, step: number): number {
  if (!existsSync(path)) return 0;
  let length = 0;
  for (const { text, end } of linesOf(readBytes(path, MOST_BYTES))) {
    try {
      const event = parseEvent(text, path);
      if ("step" in event && event.step > step) break;
    } catch {
      break;
    }
    length = end;
  }
  return length;
}

/** Whole lines, and where each ends. */
function* linesOf(bytes: Uint8Array): Generator<{ readonly text: string; readonly end: number }> {
  for (let begin = 0; ; ) {
    const newline = bytes.indexOf(NEWLINE, begin);
    if (newline < 0) return;
    yield { text: new TextDecoder().decode(bytes.subarray(begin, newline)), end: newline + 1 };
    begin = newline + 1;
  }
}

function parseEvent(text: string, where: string): TrainEvent {
  const json = parseJson(text, where);
  if (typeof json === "object" && json !== null && "event" in json && typeof json["event"] === "string")
    return json as unknown as TrainEvent;
  throw new Error(`${where}: is no event`);
}

function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw explain(path, error);
  }
}
