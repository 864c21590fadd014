/** What `npm start` trains: a small GPT on a small generated language, whose entropy is known. */
import { village } from "../data/index.ts";
import type { TextData } from "../tasks/index.ts";
import type { TrainFlags } from "./train-run.ts";

const CHARACTERS = 500_000;
const VALIDATION = 20_000;

const SIZES = ["n_layer=4", "n_head=4", "n_embd=128"];
const BLOCK_SIZE = 64;

/** Under a minute and a half on two cores. */
const training = {
  dropout: 0,
  batchSize: 12,
  maxSteps: 1800,
  learningRate: 2e-3,
  minLearningRate: 1e-4,
  warmupSteps: 100,
  adamBeta2: 0.99,
  evalSteps: 300,
  sampleSteps: 300,
  saveSteps: 600,
} as const;

/** What was given, and the demo's for the rest: its sizes where the model is its GPT, its rows where the data is a text. */
export function withDemo(given: TrainFlags): TrainFlags {
  const { task, model = "gpt2" } = given;
  const ofText = ["language-modeling", "masked-language-modeling"].includes(task);
  const gpt = task === "language-modeling" && model === "gpt2";
  return {
    ...training,
    ...(gpt && { set: SIZES }),
    ...(ofText && given.maxLength === undefined && { blockSize: BLOCK_SIZE }),
    ...given,
  };
}

/** Text, other text to validate on, and the least loss that any model can have on that. */
export function demoText(blockSize: number): TextData & { readonly train: string } {
  const language = village();
  const validation = language.generate(1, VALIDATION);
  return { train: language.generate(0, CHARACTERS), validation, floor: language.blockLoss(validation, blockSize) };
}
