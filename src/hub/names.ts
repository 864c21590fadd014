/** Which tensor of a file is which parameter: strict, but for what old public checkpoints are known to do. */
import type { TensorInfo } from "../formats/index.ts";
import type { Param } from "../nn/index.ts";

interface Base {
  /** The path that a head puts before the bare model's names; files of bare models lack it. */
  readonly prefix: string;
  /** Tensors that are no parameters: masks, position numbers, copies of tied weights. */
  readonly buffers: readonly RegExp[];
}

const SHOWN = 5;

/**
 * For each parameter, its name in the file. Throws an Error that lists what is missing, what is unexpected, and tensors
 * whose shapes disagree (both shapes).
 */
export function matchNames(
  file: string,
  params: ReadonlyMap<string, Param>,
  tensors: ReadonlyMap<string, TensorInfo>,
  { prefix, buffers }: Base,
): Map<string, string> {
  const stored = new Map<string, string>();
  for (const name of tensors.keys()) {
    const ours = params.has(name) ? name : `${prefix}.${name}`;
    if (params.has(ours)) stored.set(ours, name);
  }
  const known = new Set(stored.values());
  const missing = [...params.keys()].filter((name) => !stored.has(name));
  const unexpected = [...tensors.keys()].filter(
    (name) => !known.has(name) && !buffers.some((b) => b.test(`.${name}`) || b.test(name)),
  );
  const problems = [
    ...(missing.length > 0 ? [`it lacks ${list(missing)}`] : []),
    ...(unexpected.length > 0 ? [`it has unexpected ${list(unexpected)}`] : []),
    ...[...stored].flatMap(([ours, name]) => {
      const [want, got] = [params.get(ours)!.shape, tensors.get(name)!.shape];
      return String(want) === String(got)
        ? []
        : [`"${name}" is [${got.join(", ")}], but config.json makes it [${want.join(", ")}]`];
    }),
  ];
  if (problems.length > 0) throw new Error(`${file}: ${shorten(problems)}`);
  return stored;
}

const list = (names: readonly string[]) =>
  shorten(
    names.map((name) => `"${name}"`),
    ", ",
  );

const shorten = (items: readonly string[], between = "; ") =>
  items.length <= SHOWN
    ? items.join(between)
    : `${items.slice(0, SHOWN).join(between)}${between}and ${items.length - SHOWN} more`;
