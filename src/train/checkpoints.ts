/**
 * A run's `checkpoints` folder: which are there, which is the latest, and how old ones go (Node).
 *
 *   step-500/   model.safetensors, optimizer.safetensors, trainer_state.json, rng_state.json
 *   latest      "step-500"
 *
 * `step-500` is whole or not there: `checkpoint.ts` writes it under a hidden name and renames it.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors, readJson, removeUnfinished, syncFolder } from "../formats/index.ts";

export const FILES = {
  model: "model.safetensors",
  optimizer: "optimizer.safetensors",
  trainerState: "trainer_state.json",
  rngState: "rng_state.json",
} as const;
export const LATEST = "latest";

const UNFINISHED = ".unfinished-"; // what `removeUnfinished` removes
const STEP = /^step-(0|[1-9]\d*)$/;

export const nameOf = (step: number) => `step-${step}`;

/** Where a checkpoint is written before it gets its name. */
export const temporaryNameOf = (step: number) => UNFINISHED + nameOf(step);

/**
 * The checkpoint to go on from: the one that `latest` names, or where that is gone or broken the newest whole one.
 * @param options.clear also removes what killed processes left unfinished; for the run's owner alone
 */
export function latestCheckpoint(
  folder: string,
  { clear = false }: { clear?: boolean } = {},
): { readonly step: number; readonly path: string } | undefined {
  if (!existsSync(folder)) return undefined;
  if (clear) {
    finishRenames(folder);
    syncFolder(folder);
    removeUnfinished(folder);
  }
  return [...namedLatest(folder), ...stepsOf(folder)]
    .map((step) => ({ step, path: join(folder, nameOf(step)) }))
    .find(({ path }) => isWhole(path));
}

/**
 * Removes all but the `keep` newest up to `step`, and `best`. Those after `step` are of a life that was cut off before
 * `latest` named them.
 */
export function removeOld(folder: string, step: number, keep: number, best: number | undefined): void {
  const steps = stepsOf(folder);
  const kept = steps.filter((other) => other <= step).slice(0, Math.max(1, keep));
  for (const other of steps) if (!kept.includes(other) && other !== best) discard(folder, other);
}

/** Removes one, if it is there: renamed away first, so that a kill leaves no half of it under its name. */
export function discard(folder: string, step: number): void {
  const path = join(folder, nameOf(step));
  if (!existsSync(path)) return;
  const away = join(folder, `${UNFINISHED}old-${nameOf(step)}`);
  rmSync(away, { recursive: true, force: true });
  renameSync(path, away);
  rmSync(away, { recursive: true, force: true });
}

function namedLatest(folder: string): number[] {
  const path = join(folder, LATEST);
  const [, step] = (existsSync(path) && STEP.exec(readFileSync(path, "utf8").trim())) || [];
  return step === undefined ? [] : [Number(step)];
}

/** Newest first. */
function stepsOf(folder: string): number[] {
  const steps = readdirSync(folder).flatMap((name) => STEP.exec(name)?.slice(1).map(Number) ?? []);
  return steps.sort((a, b) => b - a);
}

/** Are all its files there, of the length that their headers say? */
function isWhole(path: string): boolean {
  try {
    for (const file of [FILES.model, FILES.optimizer]) openSafetensors(join(path, file)).close();
    for (const file of [FILES.trainerState, FILES.rngState]) readJson(join(path, file));
    return true;
  } catch {
    return false;
  }
}

/** A hidden folder with all its files was killed just before its rename; the one it replaces may be gone already. */
function finishRenames(folder: string): void {
  for (const name of readdirSync(folder)) {
    const final = name.slice(UNFINISHED.length);
    if (!name.startsWith(UNFINISHED) || !STEP.test(final) || existsSync(join(folder, final))) continue;
    if (!isWhole(join(folder, name))) continue;
    syncFolder(join(folder, name));
    renameSync(join(folder, name), join(folder, final));
  }
}
