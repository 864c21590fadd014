/** What `npm start` trains: a small GPT on a small generated language, whose entropy is known. */
import { village } from "../data/index.ts";
import type { TextData } from "../tasks/index.ts";

const CHARACTERS = 500_000;
const VALIDATION = 20_000;

/** Under a minute and a half on two cores. */
export const demoOptions = {
  set: ["n_layer=4", "n_head=4", "n_embd=128"],
  dropout: 0,
  blockSize: 64,
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

/** Text, other text to validate on, and the least loss that any model can have on that. */
export function demoText(blockSize: number): TextData & { readonly train: string } {
  const language = village();
  const validation = language.generate(1, VALIDATION);
  return { train: language.generate(0, CHARACTERS), validation, floor: language.blockLoss(validation, blockSize) };
}
