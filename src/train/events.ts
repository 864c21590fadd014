/** What a training run says while it goes: one stream that a command line draws, a page plots and a test asserts on. */

export interface StartEvent {
  readonly event: "start";
  /** How many numbers are learned. */
  readonly parameters: number;
  readonly task: string;
  /** Its `model_type`, or "custom". */
  readonly model: string;
  readonly train_examples: number;
  /** Updates done before, where a run is resumed. */
  readonly step: number;
  readonly max_steps: number;
  /** The lowest loss that any model can have on this data, in nats a token, where it is known. */
  readonly floor?: number;
}
export interface StepEvent {
  readonly event: "step";
  /** Updates done. */
  readonly step: number;
  /** Of the batch, before this update. */
  readonly loss: number;
  readonly learning_rate: number;
  /** Before clipping. */
  readonly grad_norm: number;
  readonly tokens_per_second: number;
  /** Since the process started. */
  readonly elapsed_ms: number;
}
export interface EvaluationEvent {
  readonly event: "evaluation";
  readonly step: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}
export interface SampleEvent {
  readonly event: "sample";
  readonly step: number;
  readonly text: string;
}
export interface CheckpointEvent {
  readonly event: "checkpoint";
  readonly step: number;
  readonly path: string;
}
export interface WarningEvent {
  readonly event: "warning";
  readonly message: string;
}
export interface DoneEvent {
  readonly event: "done";
  readonly step: number;
  /** By the validation loss; absent where nothing was evaluated. */
  readonly best?: { readonly step: number; readonly loss: number };
  /** What models that are only counted reach on the validation part, in nats a token, by name. */
  readonly baselines?: Readonly<Record<string, number>>;
  /** The run's folder, where there is one. */
  readonly path?: string;
  /** Why it ended before `max_steps`. */
  readonly stopped?: "early" | "data";
}
export interface ErrorEvent {
  readonly event: "error";
  readonly message: string;
  readonly remedy?: string;
}

export type TrainEvent =
  | StartEvent
  | StepEvent
  | EvaluationEvent
  | SampleEvent
  | CheckpointEvent
  | WarningEvent
  | DoneEvent
  | ErrorEvent;
