/**
 * A run's folder: made for a new run, taken again for one that goes on, held by one process at a time (Node).
 *
 *   run.json                                      its settings, written first: with it, the folder is a run's
 *   config.json, generation_config.json, tokenizer.json …, model.safetensors, README.md     a Hugging Face folder
 *   checkpoints/, events.jsonl
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../formats/file.ts";
import { type JsonObject, readJson, removeUnfinished, writeFileAtomic } from "../formats/index.ts";
import { checkOut, type Mode, RUN } from "./check-out.ts";
import { latestCheckpoint } from "./checkpoints.ts";
import { EVENTS } from "./events-file.ts";
import { lockFolder } from "./lock.ts";
import { makeFolder } from "./make-folder.ts";
import { compareSettings, type Difference, listDifferences, type RunSettings } from "./run-settings.ts";

/** What is written when a run begins. */
export interface RunFiles {
  readonly settings: RunSettings;
  /** `generation_config.json`'s content. */
  readonly generation: JsonObject;
  /** `README.md`. */
  readonly card: string;
  /** Writes the tokenizer's files into the folder. */
  saveTokenizer(folder: string): void | Promise<void>;
}

/** A run's folder in the hands of this process. */
export interface RunFolder extends Disposable {
  readonly path: string;
  readonly checkpoints: string;
  /** Where a resumed run goes on; undefined: at its beginning. */
  readonly from: { readonly step: number; readonly path: string } | undefined;
  /** Settings that differ from those it was begun with, and may. */
  readonly changed: readonly Difference[];
  /** Gives the folder back. */
  close(): void;
}

const FORMAT = "trainformer-run-1";

/** Of the run that was here before: a new one need not write all of these. */
const REPLACED = [EVENTS, "model.safetensors", "loss.svg", "vocab.json", "vocab.txt", "merges.txt"];

/**
 * Checks everything, then makes or takes the folder and writes what a run begins with. Close it at the run's end.
 * @throws as {@link checkOut}; when another process holds it; for `resume` with other settings, which it lists; nothing
 * is written then. Also when the disk does not take the files
 */
export async function prepareRun(out: string, mode: Mode, files: RunFiles): Promise<RunFolder> {
  const check = () => {
    checkOut(out, mode);
    const before = existsSync(join(out, RUN)) ? readRun(out) : undefined;
    return mode === "resume" ? changesSince(out, before!, files.settings) : [];
  };
  check();
  const release = takeFolder(out);
  try {
    const changed = check(); // once more: now nobody else can change it
    const checkpoints = join(out, "checkpoints");
    removeUnfinished(out);
    if (mode === "overwrite") clear(out, checkpoints);
    const from = latestCheckpoint(checkpoints, { clear: true });
    writeJson(join(out, RUN), { format: FORMAT, settings: files.settings });
    if (!from) await writeStart(out, files);
    return { path: out, checkpoints, from, changed, close: release, [Symbol.dispose]: release };
  } catch (error) {
    release();
    throw explain(out, error);
  }
}

/** The settings that a run was begun with, or last went on with. @throws when the folder holds no run */
export function readRun(folder: string): JsonObject {
  const path = join(folder, RUN);
  const json = readJson(path);
  if (isObject(json) && json["format"] === FORMAT && isObject(json["settings"])) return json["settings"];
  throw new Error(`${path}: is no "${FORMAT}"; is this folder another program's? choose another --out`);
}

function changesSince(out: string, before: JsonObject, now: RunSettings): readonly Difference[] {
  const { fixed, free } = compareSettings(before, now);
  if (fixed.length === 0) return free;
  throw new Error(
    `${out}: --resume with other settings than the run's: ${listDifferences(fixed)}; give those it was begun with, or --overwrite it`,
  );
}

function takeFolder(out: string): () => void {
  try {
    makeFolder(out);
  } catch (error) {
    throw explain(out, error);
  }
  return lockFolder(out);
}

/** The checkpoints go first and at once: without them the old run begins anew, with them it goes on. */
function clear(out: string, checkpoints: string): void {
  const away = join(out, ".unfinished-checkpoints");
  if (existsSync(checkpoints)) renameSync(checkpoints, away);
  rmSync(away, { recursive: true, force: true });
  for (const name of REPLACED) rmSync(join(out, name), { force: true });
}

async function writeStart(out: string, { settings, generation, card, saveTokenizer }: RunFiles): Promise<void> {
  writeJson(join(out, "config.json"), settings.model);
  writeJson(join(out, "generation_config.json"), generation);
  await saveTokenizer(out);
  writeFileAtomic(join(out, "README.md"), card);
}

const writeJson = (path: string, json: object) => writeFileAtomic(path, `${JSON.stringify(json, null, 2)}\n`);

function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
