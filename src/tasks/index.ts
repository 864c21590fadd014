/** Tasks: what a batch holds, the loss, the metrics, and how files become batches. */
export { type LanguageModelingOptions, languageModeling } from "./language-modeling.ts";
export type { Batch, Counted, DataOptions, Dataset, Task } from "./task.ts";
export type { TextData } from "./text.ts";
