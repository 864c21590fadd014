/** What a training event says in words. */
import type { DoneEvent, EvaluationEvent, SampleEvent, StartEvent, TrainEvent } from "../../train/events.ts";
import { harmless, type Paint } from "./paint.ts";
import type { Followed } from "./standing.ts";
import { count, duration, measure } from "./words.ts";

/** Lines that stay; none for a step. */
export function eventLine(event: TrainEvent, run: Followed, paint: Paint): string | undefined {
  if (event.event === "start") return startLine(event);
  if (event.event === "evaluation") return evaluationLine(event, run.isBest(), paint);
  if (event.event === "sample") return sampleLines(event, paint);
  if (event.event === "checkpoint") return paint("dim", `step ${count(event.step)}  saved ${event.path}`);
  if (event.event === "warning") return warningLine(event.message, paint);
  if (event.event === "done") return doneLine(event, run.seconds(), paint);
  return undefined;
}

export const warningLine = (message: string, paint: Paint): string =>
  `${paint("yellow", "warning:")} ${harmless(message)}`;

const startLine = ({ model, parameters, task, train_examples, step, floor }: StartEvent): string =>
  [
    `${model} for ${task}: ${count(parameters)} parameters, ${count(train_examples)} training examples`,
    ...(floor === undefined ? [] : [`no model's loss can be below ${measure(floor)}`]),
    ...(step === 0 ? [] : [`resumed at step ${count(step)}`]),
  ].join("; ");

function evaluationLine({ step, loss, metrics }: EvaluationEvent, best: boolean, paint: Paint): string {
  const others = Object.entries(metrics).map(([name, value]) => `  ${name} ${measure(value)}`);
  const mark = best ? paint("green", "  best so far") : "";
  return `step ${count(step)}  ${paint("yellow", `validation loss ${measure(loss)}`)}${others.join("")}${mark}`;
}

const sampleLines = ({ step, text }: SampleEvent, paint: Paint): string =>
  [
    paint("dim", `step ${count(step)}  a sample:`),
    ...harmless(text.trimEnd())
      .split("\n")
      .map((line) => `${paint("dim", "│")} ${line}`),
  ].join("\n");

function doneLine({ step, best, path, stopped }: DoneEvent, seconds: number, paint: Paint): string {
  const why = {
    early: " (stopped early: the loss got no better)",
    data: " (the data ended)",
  };
  return [
    `${paint("bold", "done")}${stopped ? why[stopped] : ""}: ${count(step)} steps in ${duration(seconds)}`,
    ...(best ? [`best validation loss ${paint("yellow", measure(best.loss))} at step ${count(best.step)}`] : []),
    ...(path === undefined ? [] : [`saved in ${path}`]),
  ].join("; ");
}
