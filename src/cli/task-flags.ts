/** Which flags of `train` are for which tasks: one that would change nothing is refused, not passed over. */
import { UserError } from "./errors.ts";
import { flag } from "./values.ts";

const [text, masked, pairs, series] = [
  "language-modeling",
  "masked-language-modeling",
  "translation",
  "sequence-regression",
];

/** By option; what is not here is for all. */
const only: Readonly<Record<string, readonly string[]>> = {
  ...each(["source", "target", "labelSmoothing", "teacherForcing", "scheduledSampling", "samplingDecay"], [pairs]),
  ...each(["value", "inputs", "date", "window", "difference", "scaling", "season", "fold"], [series]),
  ...each(["maskProbability", "wholeWordMasking", "nextSentence"], [masked]),
  ...each(["blockSize", "maxLength", "tokenizer", "minFrequency", "lowercase"], [text, masked, pairs]),
  carryState: [text],
  columns: [pairs, series],
};

function each(names: readonly string[], tasks: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, tasks]));
}

/** Throws a UserError for a flag that says nothing to the task. */
export function checkTaskFlags(options: Readonly<Record<string, unknown>>, task: string): void {
  for (const name of Object.keys(options)) {
    const tasks = only[name];
    if (tasks && !tasks.includes(task))
      throw new UserError(`${flag(name)} says nothing to ${task}`, {
        remedy: `leave it out, or choose --task ${tasks.join(", ")}`,
      });
  }
}

/** The longest row, which both flags name. */
export function rowLength({ blockSize, maxLength }: { readonly blockSize?: number; readonly maxLength?: number }) {
  if (blockSize !== undefined && maxLength !== undefined)
    throw new UserError("--block-size and --max-length say the same", { remedy: "leave one out" });
  return blockSize ?? maxLength;
}

const counted = ["task", "model", "data", "validation", "tokenizer", "minFrequency", "lowercase", "set"];
const read = ["encoding", "encodingErrors", "out", "overwrite", "resume"];

/** Throws a UserError for a flag that says nothing to a model that is only counted. */
export function checkCountedFlags(options: object): void {
  const other = Object.keys(options).find((name) => ![...counted, ...read].includes(name));
  if (other !== undefined)
    throw new UserError(`${flag(other)} says nothing to an n-gram model, which is counted at once`, {
      remedy: "leave it out",
    });
}
