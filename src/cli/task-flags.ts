/** Which flags are for which tasks and models: one that would change nothing is refused, not passed over. */
import { UserError } from "./errors.ts";
import { flag } from "./values.ts";

const [text, masked, pairs, series] = [
  "language-modeling",
  "masked-language-modeling",
  "translation",
  "sequence-regression",
];
const readers = [masked, "pretraining", "sentence-order-pretraining"];

/** An n-gram model's, where one is read. */
export const NGRAM = "ngram";

type Command = "train" | "evaluate" | "predict";

/** By option, the tasks that it says something to; what is not here is for all. */
const only: Readonly<Record<Command, Readonly<Record<string, readonly string[]>>>> = {
  train: {
    ...each(["source", "target", "labelSmoothing", "teacherForcing", "scheduledSampling", "samplingDecay"], [pairs]),
    ...each(["value", "inputs", "date", "window", "difference", "scaling", "season", "fold"], [series]),
    ...each(["maskProbability", "wholeWordMasking", "nextSentence"], [masked]),
    ...each(["blockSize", "maxLength", "tokenizer", "minFrequency", "lowercase"], [text, masked, pairs]),
    ...each(["carryState", "prompt"], [text]),
    ...each(["cell", "columns"], [pairs, series]),
    attention: [pairs],
    sampleSteps: [text, pairs],
    encodingErrors: [text, masked, pairs],
  },
  evaluate: {
    ...each(["source", "target", "lowercase", "numBeams", "lengthPenalty", "outputs", "report"], [pairs]),
    ...each(["beside", "confidence"], [pairs]),
    ...each(["last", "value", "inputs", "date"], [series]),
    columns: [pairs, series],
    ...each(["blockSize", "pseudoPerplexity"], [text, ...readers]),
    batchSize: [text, ...readers, pairs],
  },
  predict: {
    ...each(["numBeams", "lengthPenalty", "numReturnSequences", "maxNewTokens", "text", "encodingErrors"], [pairs]),
    ...each(["horizon", "value", "inputs", "date", "columns"], [series]),
  },
};

function each(names: readonly string[], tasks: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, tasks]));
}

type Options = Readonly<Record<string, unknown>>;

/** The first of them that was given, and says nothing to the task. */
const idle = (command: Command, options: Options, task: string): string | undefined =>
  Object.keys(options).find((name) => options[name] !== undefined && only[command][name]?.includes(task) === false);

/** Of `train`: throws a UserError for a flag that says nothing to the task. */
export function checkTaskFlags(options: Options, task: string): void {
  const name = idle("train", options, task);
  if (name === undefined) return;
  const ofModel = task === text && ["cell", "attention"].includes(name);
  throw new UserError(`${flag(name)} says nothing to ${task}`, {
    remedy: ofModel
      ? "a recurrent language model is chosen by its type: --model lstm"
      : `leave it out, or choose --task ${only.train[name]!.join(", ")}`,
  });
}

/** Of what reads a folder: throws a UserError for a flag that says nothing to a model that was trained on the task. */
export function checkModelFlags(command: Exclude<Command, "train">, options: Options, task: string): void {
  const name = idle(command, options, task);
  if (name === undefined) return;
  const who = task === NGRAM ? "an n-gram model" : `a model for ${task}`;
  throw new UserError(`${flag(name)} says nothing to ${who}`, { remedy: "leave it out" });
}

/** Throws a UserError for flags of a tokenizer of words where none is trained; a translator scores lower case, too. */
export function checkWordFlags(options: Options, tokenizer: string, task: string): void {
  const names = task === pairs ? ["minFrequency"] : ["minFrequency", "lowercase"];
  const name = tokenizer === "word" ? undefined : names.find((name) => options[name] !== undefined);
  if (name !== undefined)
    throw new UserError(`${flag(name)} says nothing where no words are counted: the tokenizer is ${tokenizer}`, {
      remedy: "leave it out, or add --tokenizer word",
    });
}

/** The longest row, which both flags name. */
export function rowLength({ blockSize, maxLength }: { readonly blockSize?: number; readonly maxLength?: number }) {
  if (blockSize !== undefined && maxLength !== undefined)
    throw new UserError("--block-size and --max-length say the same", { remedy: "leave one out" });
  return blockSize ?? maxLength;
}

const counted = ["task", "model", "data", "validation", "tokenizer", "minFrequency", "lowercase", "set"];
const read = ["encoding", "encodingErrors", "out", "overwrite", "resume"];

/** Throws a UserError for another task than a text's, and for a flag that says nothing to a model that is only counted. */
export function checkCountedFlags(options: Options): void {
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
