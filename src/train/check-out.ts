/** May a run go to this folder? Looks only, writes nothing (Node). */
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { explain } from "../formats/file.ts";
import { quoteList } from "../formats/quote.ts";

/** What is done with a run that `--out` holds: it is an error, it goes on, it is replaced. */
export type Mode = "fresh" | "resume" | "overwrite";

/** The file that makes a folder a run's. */
export const RUN = "run.json";

/**
 * Can a run go to `out`? Cheap: it may be asked before the data is read.
 * @throws when it is a file, cannot be written, holds a run that is neither to go on nor to be replaced, holds other
 * files, or holds none to go on with
 */
export function checkOut(out: string, mode: Mode): void {
  if (out === "") throw new Error("--out is empty; name a folder");
  const names = namesIn(out);
  const holdsRun = names.includes(RUN);
  if (mode === "fresh" && holdsRun)
    throw new Error(`${out}: holds a run already; --resume goes on with it, --overwrite replaces it`);
  if (mode === "resume" && !holdsRun)
    throw new Error(`${out}: holds no run to go on with; leave --resume out to begin one`);
  if (!holdsRun && names.length > 0)
    throw new Error(`${out}: holds files that are no run's: ${quoteList(names)}; choose a new folder as --out`);
  checkWritable(out);
}

/** A run that begins with the numbers of a folder cannot replace it. @throws when `base` is `out`, or lies in it */
export function checkBase(out: string, base: string): void {
  if (!existsSync(out)) return;
  const [folder, model] = [out, base].map((path) => realpathSync(path) + sep);
  if (model!.startsWith(folder!))
    throw new Error(`${out}: --overwrite would remove the model that the run begins with; choose another --out`);
}

/** Names in the folder but hidden ones, of which a run overwrites none; none where there is no folder. */
function namesIn(out: string): string[] {
  try {
    const stat = statSync(out, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory()) throw new Error(`${out}: is a file; --out must be a folder`);
    return stat ? readdirSync(out).filter((name) => !name.startsWith(".")) : [];
  } catch (error) {
    throw explain(out, error);
  }
}

/** Asks the nearest folder that is there. */
function checkWritable(out: string): void {
  let nearest = resolve(out);
  while (!existsSync(nearest)) nearest = dirname(nearest);
  if (!statSync(nearest).isDirectory()) throw new Error(`${out}: a part of this path is not a folder`);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { message } = explain(nearest, error) as Error;
    throw new Error(`${out}: cannot be written; ${message}; choose another --out`, { cause: error });
  }
}
