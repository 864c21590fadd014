/**
 * Learning-rate schedules: the number of an update, from 1, to the factor that its learning rate is multiplied by.
 *
 * Update n has the factor that PyTorch's LambdaLR and transformers' get_*_schedule_with_warmup give at `step` n − 1, the
 * number of updates done before it. So with warm-up over W updates the first has factor 0 and update W + 1 the whole
 * learning rate; and of N updates the last, n = N, is one short of the end: the floor is reached at n = N + 1.
 */
export type Schedule = (update: number) => number;

export interface ScheduleOptions {
  /** How many updates there will be; beyond them the factor stays. */
  readonly maxSteps: number;
  /** Updates over which the factor rises in a straight line from 0. */
  readonly warmupSteps?: number;
  /** The least factor after warm-up: the minimal learning rate over the largest. */
  readonly floor?: number;
  /** "step" only: updates between two falls; unless given, there are three equal parts. */
  readonly stepSize?: number;
  /** "step" only: what the factor is multiplied by at each fall. */
  readonly gamma?: number;
}

/** By the names of `--lr-scheduler-type`. Each throws a RangeError for options out of range. */
export const schedules = {
  /** transformers' constant_with_warmup. */
  constant: ({ warmupSteps = 0 }: Omit<ScheduleOptions, "maxSteps"> = {}): Schedule => warmUp({ warmupSteps }, () => 1),

  /** In a straight line to the floor: transformers' linear, and its polynomial of power 1 with `lr_end`. */
  linear({ maxSteps, warmupSteps = 0, floor = 0 }: ScheduleOptions): Schedule {
    return warmUp({ maxSteps, warmupSteps, floor }, (done, all) => floor + (1 - floor) * share(all - done, all));
  },

  /** Half a cosine to the floor: torch's CosineAnnealingLR, transformers' cosine and cosine_with_min_lr. */
  cosine({ maxSteps, warmupSteps = 0, floor = 0 }: ScheduleOptions): Schedule {
    return warmUp(
      { maxSteps, warmupSteps, floor },
      (done, all) => floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * share(done, all))),
    );
  },

  /** √(W / n) after W updates of warm-up, W = 10,000 without: transformers' inverse_sqrt (Vaswani et al. 2017, eq. 3). */
  inverse_sqrt({ warmupSteps = 0, floor = 0 }: Omit<ScheduleOptions, "maxSteps"> = {}): Schedule {
    const scale = warmupSteps || 10_000;
    return warmUp({ warmupSteps, floor }, (done) => Math.max(floor, Math.sqrt(scale / (scale + done))));
  },

  /** A fall by `gamma` every `stepSize` updates after warm-up, down to the floor: torch's StepLR. */
  step({ maxSteps, warmupSteps = 0, floor = 0, stepSize, gamma = 0.1 }: ScheduleOptions): Schedule {
    const size = stepSize ?? Math.max(1, Math.ceil((maxSteps - warmupSteps) / 3));
    if (!(Number.isInteger(size) && size > 0))
      throw new RangeError(`schedule: stepSize ${size} is not a whole number > 0`);
    if (!(gamma > 0)) throw new RangeError(`schedule: gamma ${gamma} is not above 0`);
    return warmUp({ maxSteps, warmupSteps, floor }, (done) => Math.max(floor, gamma ** Math.floor(done / size)));
  },
} satisfies Record<string, (options: ScheduleOptions) => Schedule>;

export type ScheduleName = keyof typeof schedules;

interface Range {
  readonly maxSteps?: number;
  readonly warmupSteps: number;
  readonly floor?: number;
}

/** A straight rise from 0, then `after` of the updates done since it, of how many. */
function warmUp(
  { maxSteps = Infinity, warmupSteps, floor = 0 }: Range,
  after: (done: number, all: number) => number,
): Schedule {
  if (!(maxSteps > 0)) throw new RangeError(`schedule: maxSteps ${maxSteps} is not above 0`);
  if (!(warmupSteps >= 0 && warmupSteps <= maxSteps))
    throw new RangeError(`schedule: warmupSteps ${warmupSteps} is not between 0 and maxSteps ${maxSteps}`);
  if (!(floor >= 0 && floor <= 1)) throw new RangeError(`schedule: the floor ${floor} is not between 0 and 1`);
  return (update) => {
    const done = Math.min(update - 1, maxSteps);
    return done < warmupSteps ? done / warmupSteps : after(done - warmupSteps, maxSteps - warmupSteps);
  };
}

const share = (part: number, all: number): number => part / Math.max(1, all);
