/**
 * A training run's events as people follow them, on standard error: on a terminal one line that moves, with samples and
 * evaluations above it; elsewhere plain lines, not too many.
 */
import type { StepEvent, TrainEvent } from "../../train/events.ts";
import { eventLine } from "./event-lines.ts";
import { plainLine, progressLine } from "./progress-line.ts";
import { follow } from "./standing.ts";
import type { Terminal } from "./terminal.ts";

export interface Progress {
  show(event: TrainEvent): void;
  /** Takes the moving line away; call it whether the run ended well or not. */
  close(): void;
}

const REDRAW = 1000; // milliseconds: the time left counts down between events
const OFTEN = 80; // milliseconds between two drawings of the line
const SELDOM = { milliseconds: 30_000, share: 0.05, atLeast: 1000 }; // between two plain lines of steps

/** `now` is in milliseconds. With `quiet`, only warnings are told. */
export function createProgress(terminal: Terminal, { quiet = false, now = () => performance.now() } = {}): Progress {
  const run = follow(now);
  const draw = () => terminal.pin((columns) => progressLine(run.standing(), columns, terminal.paint));
  let drawn = Number.NEGATIVE_INFINITY;
  let logged = { at: Number.NEGATIVE_INFINITY, step: 0 };
  let timer: NodeJS.Timeout | undefined;

  const showStep = ({ step }: StepEvent): void => {
    if (terminal.interactive) {
      if (now() - drawn < OFTEN) return;
      drawn = now();
      draw();
      return;
    }
    const { maxSteps } = run.standing();
    const since = now() - logged.at;
    const far = maxSteps > 0 && ((step - logged.step) / maxSteps >= SELDOM.share || step === maxSteps);
    if (since < SELDOM.milliseconds && !(far && since >= SELDOM.atLeast)) return;
    logged = { at: now(), step };
    terminal.print(plainLine(run.standing()));
  };

  const close = () => {
    clearInterval(timer);
    terminal.pin(undefined);
  };
  return {
    close,
    show(event) {
      run.take(event);
      if (quiet && event.event !== "warning") return;
      if (event.event === "start" && terminal.interactive) {
        timer = setInterval(draw, REDRAW).unref();
        draw();
      }
      if (event.event === "step") showStep(event);
      if (event.event === "done") close();
      const line = eventLine(event, run, terminal.paint);
      if (line !== undefined) terminal.print(line);
    },
  };
}
