/** What a training's worker and its caller say to each other. */
import type { Json, TokenizerJson } from "../tokenizer-json.ts";
import type { TokenizerType, TrainTokenizerOptions } from "./kinds.ts";
import type { TrainingProgress } from "./train.ts";

export interface Work {
  readonly type: TokenizerType;
  readonly options: Omit<TrainTokenizerOptions, "onProgress" | "signal">;
}

/** A chunk of the text, or its end. */
export type ToWorker = { readonly chunk: string } | { readonly end: true };

export type FromWorker =
  | { readonly wants: true } // another chunk
  | { readonly progress: TrainingProgress }
  | { readonly json: TokenizerJson; readonly config: { readonly [key: string]: Json } }
  | { readonly error: string };
