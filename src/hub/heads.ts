/** Which of its architecture's heads a folder is for, and what the others have that this one has not. */
import { join } from "node:path";
import { quote, show } from "../formats/quote.ts";
import { build, headFor, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { bareName, type OtherHeads } from "./names.ts";

/** The first of `architectures`; of a configuration without them, the architecture's first head. */
function namedHead({ architecture, rest }: ModelSpec): unknown {
  const named = rest["architectures"] ?? Object.keys(architecture.heads);
  return Array.isArray(named) ? named[0] : named;
}

/** A configuration that names no head is given this one. Throws an Error for one that is not implemented. */
export function withHead(path: string, spec: ModelSpec, head: string): ModelSpec {
  if ((spec.rest["architectures"] ?? null) !== null) return spec;
  const known = Object.keys(spec.architecture.heads);
  if (known.includes(head)) return { ...spec, rest: { ...spec.rest, architectures: [head] } };
  throw new Error(
    `${join(path, "config.json")}: there are no "architectures", and ${show(head)} is not implemented; there are ${known.join(", ")}`,
  );
}

/** The head for a task: the one that the configuration names, where it is one, else the architecture's first. */
export function headWith(spec: ModelSpec, task: string): string {
  const named = namedHead(spec);
  return typeof named === "string" && spec.architecture.heads[named]?.task === task ? named : headFor(spec, task);
}

/** The head that a folder's configuration names. Throws an Error for one that is not implemented. */
export function headOf(path: string, spec: ModelSpec): string {
  const known = Object.keys(spec.architecture.heads);
  const wanted = namedHead(spec);
  if (typeof wanted === "string" && known.includes(wanted)) return wanted;
  throw new Error(
    `${join(path, "config.json")}: "architectures" names ${show(wanted)}, which is not implemented; there are ${known.join(", ")}`,
  );
}

/** The parameters of an architecture's heads beside this one's, found when they are first asked for. */
export function otherHeads(spec: ModelSpec, headName: string): OtherHeads {
  const { heads, fileNames } = spec.architecture;
  let found: readonly ReadonlySet<string>[] | undefined;
  const others = () => {
    found ??= Object.keys(heads)
      .filter((name) => name !== headName)
      .map((name) => new Set([...namedParams(build(spec, name)).keys()].map((path) => bareName(path, fileNames))));
    return found;
  };
  const bare = heads[headName]!.task === "feature-extraction"; // it may have been saved without its pooler
  const complete = namedHead(spec) === headName && !bare;
  return {
    hasOne: (name) => others().some((names) => names.has(name)),
    mayLack: (name) => !complete && others().some((names) => !names.has(name)),
  };
}

/** What to tell of a folder whose model is in part fresh; undefined where all of it is there. */
export function freshWarning(path: string, headName: string, fresh: readonly string[]): string | undefined {
  if (fresh.length === 0) return undefined;
  return `${path}: it has no ${fresh.map(quote).join(", ")}; ${headName} begins with fresh ones, which mean nothing until they are trained`;
}
