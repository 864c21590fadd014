/**
 * One checkpoint, written so that it survives a kill at any moment and a full disk, and read back (Node). Every file and
 * the folder are synced under a hidden name, then renamed; then `latest` is replaced, and only then do old ones go.
 */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../formats/file.ts";
import {
  type JsonObject,
  openSafetensors,
  readJson,
  syncFolder,
  type Weights,
  writeFileAtomic,
  writeSafetensors,
} from "../formats/index.ts";
import { quote, quoteList, show } from "../formats/quote.ts";
import { discard, FILES, LATEST, latestCheckpoint, nameOf, removeOld, temporaryNameOf } from "./checkpoints.ts";
import { makeFolder } from "./make-folder.ts";

/** Numbers where they lie, by name. */
export type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface Checkpoint {
  /** Updates done. */
  readonly step: number;
  readonly model: Tensors;
  /** By `<parameter>.<slot>`. */
  readonly optimizer: Tensors;
  readonly trainerState: JsonObject;
  readonly rngState: JsonObject;
}

/**
 * Writes a checkpoint, makes it the latest and removes old ones; when it returns, it survives a power cut.
 * @param folder the run's `checkpoints`, made where it is missing
 * @param options.keep how many stay, this one counted; `options.best` is the step of one that stays besides
 * @returns the checkpoint's path
 * @throws when the disk does not take it, in one line: what was there is then as it was, and nothing half is left
 */
export function saveCheckpoint(
  folder: string,
  { step, model, optimizer, trainerState, rngState }: Checkpoint,
  { keep = 2, best }: { keep?: number; best?: number } = {},
): string {
  const path = join(folder, nameOf(step));
  const temporary = join(folder, temporaryNameOf(step));
  try {
    makeFolder(folder);
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    writeSafetensors(join(temporary, FILES.model), float32(model));
    writeSafetensors(join(temporary, FILES.optimizer), float32(optimizer));
    writeFileAtomic(join(temporary, FILES.trainerState), toJson(trainerState, path));
    writeFileAtomic(join(temporary, FILES.rngState), toJson(rngState, path)); // the last: now the folder is whole
    discard(folder, step); // an earlier one of the same step
    renameSync(temporary, path);
    syncFolder(folder);
    writeFileAtomic(join(folder, LATEST), nameOf(step));
    removeOld(folder, step, keep, best);
  } catch (error) {
    throw failure(path, error, latestCheckpoint(folder, { clear: true }));
  }
  return path;
}

/**
 * Fills `model` and `optimizer` from a checkpoint and returns the rest of it.
 * @throws when names, shapes or types differ from those of the run, before a number is changed
 */
export function loadCheckpoint(
  path: string,
  model: Tensors,
  optimizer: Tensors,
): { readonly trainerState: JsonObject; readonly rngState: JsonObject } {
  const trainerState = readObject(join(path, FILES.trainerState));
  const rngState = readObject(join(path, FILES.rngState));
  using weights = openSafetensors(join(path, FILES.model));
  using slots = openSafetensors(join(path, FILES.optimizer));
  check(weights, model);
  check(slots, optimizer);
  for (const [name, { data }] of model) weights.readInto(name, data);
  for (const [name, { data }] of optimizer) slots.readInto(name, data);
  return { trainerState, rngState };
}

const float32 = (tensors: Tensors) =>
  new Map([...tensors].map(([name, { shape, data }]) => [name, { dtype: "float32", shape, data } as const]));

function toJson(state: JsonObject, path: string): string {
  return JSON.stringify(state, (key, value: unknown) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    throw new Error(`${path}: the state's ${quote(key)} is ${value}, which JSON cannot hold`);
  });
}

/** The system's error under the checkpoint's name, with what is still good; any other error as it is. */
function failure(path: string, error: unknown, last: ReturnType<typeof latestCheckpoint>): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const explained = explain(path, cause);
  if (explained === cause || !(explained instanceof Error)) return error;
  const rest = last
    ? `${nameOf(last.step)} is whole, and --resume goes on from it`
    : "there is no checkpoint before it";
  return new Error(`${explained.message}; ${rest}`, { cause });
}

function check({ path, tensors }: Weights, wanted: Tensors): void {
  const fail = (why: string): never => {
    throw new Error(`${path}: ${why}; is this another model's run?`);
  };
  const lacks = [...wanted.keys()].filter((name) => !tensors.has(name));
  if (lacks.length > 0) fail(`lacks ${quoteList(lacks)}`);
  const unexpected = [...tensors.keys()].filter((name) => !wanted.has(name));
  if (unexpected.length > 0) fail(`has unexpected ${quoteList(unexpected)}`);
  for (const [name, { shape }] of wanted) {
    const stored = tensors.get(name)!;
    if (stored.dtype !== "F32") fail(`${quote(name)} is ${stored.dtype}, but the run makes it F32`);
    if (String(stored.shape) !== String(shape))
      fail(`${quote(name)} is ${show(stored.shape)}, but the run makes it ${show(shape)}`);
  }
}

function readObject(path: string): JsonObject {
  const json = readJson(path);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw new Error(`${path}: must hold an object, but holds ${show(json)}`);
}
