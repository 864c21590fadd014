/** Which flags are for which tasks and models: one that would change nothing is refused, not passed over. */
import { UserError } from "./errors.ts";
import { flag } from "./values.ts";

const [text, masked, pairs, series] = [
  "language-modeling",
  "masked-language-modeling",
  "translation",
  "sequence-regression",
];

/** Of `train`, by option; what is not here is for all. */
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

/** Throws a UserError for another task than language modeling, and for a flag that says nothing to a model that is only counted. */
export function checkCountedFlags(options: Readonly<Record<string, unknown>>): void {
  if (options.task !== undefined && options.task !== text)
    throw new UserError(`--model ngram is for ${text}, not for ${options.task}`, {
      remedy: "leave --task out, or choose another model",
    });
  const other = Object.keys(options).find((name) => ![...counted, ...read].includes(name));
  if (other !== undefined)
    throw new UserError(`${flag(other)} says nothing to an n-gram model, which is counted at once`, {
      remedy: "leave it out",
    });
}

const ofTexts = ["lowercase", "numBeams", "lengthPenalty", "outputs", "report", "beside", "confidence"];
const ofSeries = ["last", "value", "inputs", "date"];

/** Of `evaluate`: throws a UserError for a flag that says nothing to a model that was trained on the task. */
export function checkModelFlags(options: Readonly<Record<string, unknown>>, task: string): void {
  const refuse = (names: readonly string[], who: string) => {
    const name = names.find((name) => options[name] !== undefined);
    if (name !== undefined)
      throw new UserError(`${flag(name)}: only ${who} has it; this one is for ${task}`, { remedy: "leave it out" });
  };
  if (task !== pairs) refuse(ofTexts, "a model that writes texts for texts");
  if (task !== series) refuse(ofSeries, "a model of a series");
}
