/** A run's events as curves: what the loss was, by step, by time and by tokens. */

/** What is read of an event; the trainer's events have all of it. */
export interface LossEvent {
  readonly event: string;
  readonly step?: number;
  readonly loss?: number;
  readonly elapsed_ms?: number;
  readonly tokens_per_second?: number;
  readonly learning_rate?: number;
  readonly floor?: number;
}

export interface Measured {
  readonly step: number;
  /** In nats a token. */
  readonly loss: number;
  /** Of training, from the first event to here: pauses between a run and its resumption are left out. */
  readonly seconds: number;
  /** Read until here; about, where evaluations come between. */
  readonly tokens: number;
}

export interface Curve {
  readonly train: readonly Measured[];
  readonly validation: readonly Measured[];
  /** The lowest validation loss. */
  readonly best: Measured | undefined;
  /** The lowest loss that any model can have on this data, where it is known. */
  readonly floor: number | undefined;
}

/** What a resumed run did again replaces what it had done before. */
export function curveOf(events: Iterable<LossEvent>): Curve {
  let floor: number | undefined;
  let clock = newClock();
  const train: Timed[] = [];
  const validation: Timed[] = [];
  for (const event of events) {
    const { step, loss, elapsed_ms } = event;
    if (event.event === "start") {
      floor = event.floor ?? floor;
      dropAfter(step ?? 0, train, validation);
      clock = newClock(train.at(-1)?.seconds);
    } else if (event.event === "step" && step !== undefined && typeof loss === "number") {
      const seconds = clock((elapsed_ms ?? 0) / 1000);
      train.push({ step, loss, seconds, tokensPerSecond: event.tokens_per_second ?? 0 });
    } else if (event.event === "evaluation" && step !== undefined && typeof loss === "number")
      validation.push({ step, loss, seconds: train.at(-1)?.seconds ?? 0, tokensPerSecond: 0 });
  }
  const perStep = tokensPerStep(train);
  const measured = ({ step, loss, seconds }: Timed): Measured => ({ step, loss, seconds, tokens: step * perStep });
  const evaluated = validation.map(measured);
  const finite = evaluated.filter(({ loss }) => Number.isFinite(loss));
  const best = finite.length === 0 ? undefined : finite.reduce((a, b) => (b.loss < a.loss ? b : a));
  return { train: train.map(measured), validation: evaluated, best, floor };
}

interface Timed {
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
}

/** Seconds of training from a process's own: its first event is at `start`. */
function newClock(start = 0): (elapsed: number) => number {
  let first: number | undefined;
  return (elapsed) => {
    first ??= elapsed;
    return start + elapsed - first;
  };
}

function dropAfter(step: number, ...lists: Timed[][]): void {
  for (const list of lists) while ((list.at(-1)?.step ?? 0) > step) list.pop();
}

/** The median of what each stretch between two events says, because evaluations lengthen a few of them. */
function tokensPerStep(train: readonly Timed[]): number {
  const each = train.slice(1).flatMap(({ step, seconds, tokensPerSecond }, i) => {
    const before = train[i]!;
    const [steps, time] = [step - before.step, seconds - before.seconds];
    return steps > 0 && time > 0 ? [(tokensPerSecond * time) / steps] : [];
  });
  return each.sort((a, b) => a - b)[Math.floor(each.length / 2)] ?? 0;
}
