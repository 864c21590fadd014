/** What an adapter's folder stands for, before anything is merged (Node). */
import { build, type ModelSpec } from "../models/index.ts";
import { namedParams } from "../nn/index.ts";
import { openAdapter } from "./adapter.ts";
import { adapterPaths, adapterTask } from "./adapter-folder.ts";
import { headOf, headWith } from "./heads.ts";

export interface AdapterSummary {
  /** Of the task that it was trained for. */
  readonly head: string;
  readonly ranks: readonly number[];
  /** Those that it adapts. */
  readonly layers: number;
  /** Parameters that it replaces. */
  readonly whole: number;
  /** The base's folder. */
  readonly base: string;
}

/** Undefined of a folder that is no adapter's. Throws as `openFolder` does where the adapter will not do. */
export function summarizeAdapter(path: string, spec: ModelSpec, wanted?: string): AdapterSummary | undefined {
  const paths = adapterPaths(path);
  if (!paths) return undefined;
  const { adapter, base } = paths;
  const task = wanted ?? adapterTask(adapter);
  const head = task === undefined ? headOf(base, spec) : headWith(spec, task);
  using opened = openAdapter(adapter, { spec, headName: head, params: namedParams(build(spec, head)) });
  const ranks = [...new Set([...opened.modules.values()].map(({ rank }) => rank))].sort((a, b) => a - b);
  return { head, ranks, layers: opened.modules.size, whole: opened.whole.size, base };
}
