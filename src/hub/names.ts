/** Which tensor of a file is which parameter: strict, but for what old public checkpoints are known to do. */

import { STORED } from "../formats/dtype.ts";
import type { TensorInfo } from "../formats/index.ts";
import { quote, quoteList } from "../formats/quote.ts";
import type { FileNames } from "../models/index.ts";
import type { Param } from "../nn/index.ts";

const MOST = 5; // contradictions in one message

/** A file's tensors by today's names: those of 2018 said gamma and beta where norms now say weight and bias. */
export type FileTensors = ReadonlyMap<string, readonly [stored: string, info: TensorInfo]>;

export function fileTensors(tensors: ReadonlyMap<string, TensorInfo>): FileTensors {
  const today = (name: string) =>
    name.replace(/(?<=LayerNorm\.)gamma$/, "weight").replace(/(?<=LayerNorm\.)beta$/, "bias");
  return new Map([...tensors].map(([name, info]) => [tensors.has(today(name)) ? name : today(name), [name, info]]));
}

/** A parameter's name without what heads put before those of the bare model: the same in all of them. */
export function bareName(name: string, { prefixes }: FileNames): string {
  const prefix = prefixes.find((prefix) => name.startsWith(`${prefix}.`));
  return prefix === undefined ? name : name.slice(prefix.length + 1);
}

/** The name in a file of the parameter that a model calls `name`: its own, or a copy's where the two are tied. */
export function storedName(name: string, tensors: FileTensors, names: FileNames): string | undefined {
  const bare = bareName(name, names);
  const prefixed = names.prefixes.map((prefix) => `${prefix}.${bare}`);
  const copies = Object.keys(names.tied).filter((copy) => names.tied[copy] === name);
  const found = [name, bare, ...prefixed, ...copies].find((candidate) => tensors.has(candidate));
  return found === undefined ? undefined : tensors.get(found)![0];
}

/** What the other heads of an architecture have to say; names are bare ones. */
export interface OtherHeads {
  /** A parameter of one of them: its tensor is passed over, as transformers does. */
  hasOne(name: string): boolean;
  /** A parameter that this head may begin without, since the file was made for another, which has none such. */
  mayLack(name: string): boolean;
}

export interface Matched {
  /** For each parameter, its name in the file. */
  readonly stored: ReadonlyMap<string, string>;
  /** Tensors of the file that this head does not use, and another of the architecture's would. */
  readonly unused: readonly string[];
  /** Parameters that the file lacks, and may. */
  readonly fresh: readonly string[];
}

/**
 * Throws an Error that lists what is missing, what is unexpected, and what has another type or shape than the model's
 * (both shapes).
 */
export function matchNames(
  file: string,
  params: ReadonlyMap<string, Param>,
  all: ReadonlyMap<string, TensorInfo>,
  names: FileNames,
  others: OtherHeads,
): Matched {
  const tensors = fileTensors(all);
  const stored = new Map<string, string>();
  for (const name of params.keys()) {
    const found = storedName(name, tensors, names);
    if (found !== undefined) stored.set(name, found);
  }
  const used = new Set(stored.values());
  const absent = [...params.keys()].filter((name) => !stored.has(name));
  const fresh = absent.filter((name) => others.mayLack(bareName(name, names)));
  const missing = absent.filter((name) => !fresh.includes(name));
  const left = [...tensors].filter(
    ([name, [original]]) =>
      !used.has(original) && !(name in names.tied) && !names.buffers.some((buffer) => buffer.test(`.${name}`)),
  );
  const unexpected = left.flatMap(([name, [original]]) => (others.hasOne(bareName(name, names)) ? [] : [original]));
  const problems = [
    ...(missing.length > 0 ? [`it lacks ${quoteList(missing)}`] : []),
    ...(unexpected.length > 0 ? [`it has unexpected ${quoteList(unexpected)}`] : []),
    ...[...stored].flatMap(([name, found]) => contradiction(found, all.get(found)!, params.get(name)!)),
  ];
  if (problems.length === 0) return { stored, fresh, unused: left.map(([, [original]]) => original) };
  const more = problems.length > MOST ? `; and ${problems.length - MOST} more` : "";
  throw new Error(`${file}: ${problems.slice(0, MOST).join("; ")}${more}`);
}

function contradiction(name: string, { dtype, shape: got }: TensorInfo, { shape: want }: Param): string[] {
  const { host, toFloat32 } = STORED.get(dtype) ?? {};
  if (host !== "float32" && !toFloat32) return [`${quote(name)} is ${dtype}, but a parameter's numbers are floats`];
  if (String(want) === String(got)) return [];
  return [`${quote(name)} is [${got.join(", ")}], but config.json makes it [${want.join(", ")}]`];
}
