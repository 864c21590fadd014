/** What crosses between a trainer and the worker that owns its memory. */
import type { DecoderPlan, GenerationOptions, Source } from "../generate/index.ts";
import type { InitialValue } from "../nn/index.ts";
import type { OnnxProgram } from "../onnx/lower.ts";
import type { Device } from "../runtime/engine.ts";
import type { Batch } from "../tasks/task.ts";
import type { Plan } from "./plan.ts";

/** Where the first numbers come from. */
export type Initial =
  | ({ readonly from: "chance" } & Drawn)
  /** A folder with safetensors, and what each parameter is called there; others are fresh. */
  | {
      readonly from: "folder";
      readonly path: string;
      /** Where the file lies, if not there: an adapter's base. */
      readonly weights?: string;
      readonly storedNames: Readonly<Record<string, string>>;
      readonly fresh?: Drawn;
      /** Numbers that an adapter gives, in the place of the file's. */
      readonly merged?: Readonly<Record<string, Float32Array>>;
    }
  | { readonly from: "arrays"; readonly arrays: Readonly<Record<string, Float32Array>> };

/** Numbers drawn by chance, for parameters by their path. */
interface Drawn {
  readonly seed: number;
  readonly values: Readonly<Record<string, InitialValue>>;
}

/** All that a worker needs, as plain data: functions cannot cross. */
export interface Work {
  readonly plan: Plan;
  /** (parameters, batch) → loss, without dropout. */
  readonly evaluation: OnnxProgram;
  /** How to go on with a text, where the model can. */
  readonly decoder: DecoderPlan | undefined;
  readonly initial: Initial;
  readonly options: {
    readonly threads?: number;
    readonly device?: Device;
    readonly maxGradNorm?: number;
  };
}

/** What the owner of a run's memory does, one thing at a time, in the order asked. */
export interface Owner {
  /** Resolves when memory and sessions are open; rejects with why they are not. */
  ready(): Promise<void>;
  /** One update from the mean gradient of these batches. Rejects with a NonFinite error before the weights are touched. */
  update(batches: readonly Batch[], at: { readonly lr: number; readonly seed: number }): Promise<Updated>;
  /** The mean loss of a held-out batch. */
  evaluate(batch: Batch): Promise<number>;
  /** New tokens behind a prompt, from the weights as they are. */
  sample(prompt: readonly number[], options: GenerationOptions): Promise<number[]>;
  /** For each row of a source, the tokens that the model writes behind what they begin with, from the weights as they are. */
  write(source: Source, options: GenerationOptions): Promise<number[][]>;
  /** Writes a checkpoint; gives its path. */
  save(folder: string, state: CheckpointState, keep: number): Promise<string>;
  /** Reads a checkpoint's numbers back; gives what else it holds. */
  load(path: string): Promise<CheckpointState>;
  /** Writes the weights alone, replacing the file whole. */
  saveWeights(path: string): Promise<void>;
  /** The weights, copied. */
  weights(): Promise<Readonly<Record<string, Float32Array>>>;
  /** Runs a program over the weights and a batch: outputs by name. */
  probe(program: OnnxProgram, batch: Batch, seed: number): Promise<Readonly<Record<string, ArrayLike<number>>>>;
  close(): Promise<void>;
}
export interface Updated {
  readonly step: number;
  readonly loss: number;
  readonly gradNorm: number;
}
/** `trainer_state.json`. */
export interface CheckpointState {
  readonly step: number;
  readonly best?: { readonly step: number; readonly loss: number };
  /** Evaluations since the best one. */
  readonly patience: number;
  /** The step of the last evaluation. */
  readonly evaluated?: number;
}

export type Method = Exclude<keyof Owner, "close">;
export interface Request {
  readonly id: number;
  readonly method: Method | "close";
  readonly args: readonly unknown[];
}
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly error: { readonly name: string; readonly message: string; readonly stack?: string };
    };

/** Set to 1: by the caller, to let queued updates go; by the worker, when it owns nothing any more. */
export const Flag = { stop: 0, closed: 1 } as const;
