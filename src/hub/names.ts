/** Which tensor of a file is which parameter: strict, but for what old public checkpoints are known to do. */

import { STORED } from "../formats/dtype.ts";
import type { TensorInfo } from "../formats/index.ts";
import { quote, quoteList } from "../formats/quote.ts";
import type { FileNames } from "../models/index.ts";
import type { Param } from "../nn/index.ts";

const MOST = 5; // contradictions in one message

/** The name in a file of the parameter that a model calls `name`. */
export function storedName(
  name: string,
  tensors: ReadonlyMap<string, TensorInfo>,
  { prefix, tied }: FileNames,
): string | undefined {
  const bare = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : name;
  const copies = Object.keys(tied).filter((copy) => tied[copy] === name);
  return [name, bare, ...copies].find((candidate) => tensors.has(candidate));
}

/**
 * For each parameter, its name in the file. Throws an Error that lists what is missing, what is unexpected, and what
 * has another type or shape than the model's (both shapes).
 */
export function matchNames(
  file: string,
  params: ReadonlyMap<string, Param>,
  tensors: ReadonlyMap<string, TensorInfo>,
  names: FileNames,
): Map<string, string> {
  const stored = new Map<string, string>();
  for (const name of params.keys()) {
    const found = storedName(name, tensors, names);
    if (found !== undefined) stored.set(name, found);
  }
  const known = new Set([...stored.values(), ...Object.keys(names.tied)]);
  const missing = [...params.keys()].filter((name) => !stored.has(name));
  const unexpected = [...tensors.keys()].filter(
    (name) => !known.has(name) && !names.buffers.some((buffer) => buffer.test(`.${name}`)),
  );
  const problems = [
    ...(missing.length > 0 ? [`it lacks ${quoteList(missing)}`] : []),
    ...(unexpected.length > 0 ? [`it has unexpected ${quoteList(unexpected)}`] : []),
    ...[...stored].flatMap(([name, found]) => contradiction(found, tensors.get(found)!, params.get(name)!)),
  ];
  if (problems.length === 0) return stored;
  const more = problems.length > MOST ? `; and ${problems.length - MOST} more` : "";
  throw new Error(`${file}: ${problems.slice(0, MOST).join("; ")}${more}`);
}

function contradiction(name: string, { dtype, shape: got }: TensorInfo, { shape: want }: Param): string[] {
  const { host, toFloat32 } = STORED.get(dtype) ?? {};
  if (host !== "float32" && !toFloat32) return [`${quote(name)} is ${dtype}, but a parameter's numbers are floats`];
  if (String(want) === String(got)) return [];
  return [`${quote(name)} is [${got.join(", ")}], but config.json makes it [${want.join(", ")}]`];
}
