/** What folders are called in a figure: by the end of their paths, or by the paths as typed where those ends are alike. */
import { basename, resolve } from "node:path";

export function namesOf(paths: readonly string[]): (path: string) => string {
  const ends = paths.map((path) => basename(resolve(path)));
  return new Set(ends).size === ends.length ? (path) => basename(resolve(path)) : (path) => path;
}
