/**
 * How often a decoder that learns reads the true token before the one it is to predict, and how often its own choice:
 * always (Williams & Zipser 1989), in a share of the rows, or less and less often (scheduled sampling: Bengio et al. 2015,
 * arXiv:1506.03099, §2.4).
 */

/** A share of the rows that are taught throughout, 1 unless given; or a share of the tokens that falls with update i. */
export type TeacherForcing = number | ScheduledSampling;

export interface ScheduledSampling {
  /** "linear": 1 − i / k; "exponential": kⁱ, k below 1; "inverse-sigmoid": k / (k + e^(i / k)), k at least 1. */
  readonly schedule: "linear" | "exponential" | "inverse-sigmoid";
  readonly k: number;
  /** The share never falls below it. */
  readonly least?: number;
}

export interface Teaching {
  /** Every token is the true one. */
  readonly always: boolean;
  /** A row is taught throughout or not at all. */
  readonly wholeRows: boolean;
  /** Of true tokens, in update `step`. */
  share(step: number): number;
  /** What a run is known by. */
  readonly settings: Readonly<Record<string, number | string>>;
}

const schedules: Record<ScheduledSampling["schedule"], (i: number, k: number) => number> = {
  linear: (i, k) => 1 - i / k,
  exponential: (i, k) => k ** i,
  "inverse-sigmoid": (i, k) => k / (k + Math.exp(i / k)),
};
const kInWords = { linear: "a number > 0", exponential: "a number in (0, 1)", "inverse-sigmoid": "a number ≥ 1" };

/** Throws a TypeError for a share outside [0, 1], an unknown schedule and a k that it cannot have. */
export function teachingOf(given: TeacherForcing = 1): Teaching {
  if (typeof given === "number") {
    checkShare("teacherForcing", given);
    return { always: given === 1, wholeRows: true, share: () => given, settings: { teacherForcing: given } };
  }
  const { schedule, k, least = 0 } = given;
  checkShare("least", least);
  if (!Object.hasOwn(schedules, schedule))
    throw new TypeError(
      `translation: there is no schedule "${schedule}"; there are ${Object.keys(schedules).join(", ")}`,
    );
  const fits =
    k > 0 && k < Infinity && (schedule !== "exponential" || k < 1) && (schedule !== "inverse-sigmoid" || k >= 1);
  if (!fits)
    throw new TypeError(`translation: k of the ${schedule} schedule is ${k}, but must be ${kInWords[schedule]}`);
  return {
    always: false,
    wholeRows: false,
    share: (step) => Math.max(least, schedules[schedule](step, k)),
    settings: { scheduledSampling: schedule, k, least },
  };
}

function checkShare(name: string, x: number): void {
  if (!(x >= 0 && x <= 1)) throw new TypeError(`translation: ${name} is ${x}, but must be a number from 0 to 1`);
}
