/**
 * Does a model folder give the numbers that a reference implementation gave? Outputs, every gradient, ten training
 * losses, and what greedy decoding generates, tensor by tensor.
 */
import {
  compare,
  hasExpected,
  inputsOf,
  largestOf,
  limitOf,
  openExpected,
  realPositions,
  type TensorReport,
} from "./expected.ts";
import type { Weights } from "./formats/index.ts";
import { adapterPaths, type ModelFolder, openAdapted, openFolder, specOf } from "./hub/index.ts";
import { build, forward } from "./models/index.ts";
import { namedParams } from "./nn/index.ts";
import { adamw } from "./optim/index.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { trace } from "./tensor/index.ts";
import { openLearner } from "./train/learner.ts";
import { names as planNames, planOf } from "./train/plan.ts";
import { GENERATED, verifyGenerated } from "./verify-generation.ts";
import { verifyMerged } from "./verify-merged.ts";
import { byGradient, lossOf, onePass, type Reference, readWeights } from "./verify-pass.ts";

export type { TensorReport } from "./expected.ts";

export interface VerifyOptions extends ProgramOptions {
  /** Multiplies every limit. */
  readonly tolerance?: number;
  /** Prefixes of the names to compare: ["outputs", "grads", "generate.greedy"]. */
  readonly only?: readonly string[];
}

/** Everything under these names can be computed. */
const computable = [
  /^outputs\./,
  /^grads\./,
  /^losses$/,
  /^merged\./,
  ...GENERATED.map((name) => new RegExp(`^${name}$`)),
];
const isInput = (name: string) => /^(inputs\.|generate\.(prompt|attention_mask)$|extra\.)/.test(name);

/** Throws where the folder cannot be read, or holds numbers that cannot be computed and are not left out by `only`. */
export async function* verifyFolder(
  path: string,
  { tolerance = 1, only, ...options }: VerifyOptions = {},
): AsyncGenerator<TensorReport> {
  const opened = openReference(path);
  using folder = opened.folder;
  using expected = opened.expected;
  const wanted = (name: string) => !only || only.some((prefix) => name === prefix || name.startsWith(`${prefix}.`));
  const names = [...expected.tensors.keys()].filter((name) => !isInput(name) && wanted(name));
  if (names.length === 0) throw new TypeError(`${expected.path}: it holds nothing named ${only?.join(", ")}`);
  const unknown = names.filter((name) => !computable.some((known) => known.test(name)));
  if (unknown.length > 0)
    throw new TypeError(`verify: ${unknown.join(", ")} cannot be computed yet; leave out with --only`);

  const at: Reference = { folder, expected, weights: readWeights(folder), options };
  const limit = (group: Parameters<typeof limitOf>[0]) => limitOf(group, expected) * tolerance;
  const gradNames = names.filter((name) => name.startsWith("grads."));
  if (gradNames.length > 0 || names.some((name) => name.startsWith("outputs."))) {
    const pass = await onePass(at, names);
    for (const [name, got] of Object.entries(pass.outputs))
      yield compare(name, got, expected, { limit: limit("outputs"), counts: realPositions(name, expected) });
    const scale = gradNames.length > 0 ? largestOf(gradNames, expected) : 0;
    for (const [name, got] of Object.entries(pass.grads))
      yield compare(name, got, expected, { limit: limit("grads"), scale });
  }
  if (names.includes("losses")) yield compare("losses", await tenLosses(at), expected, { limit: limit("losses") });
  yield* verifyGenerated(at, names, tolerance);
  yield* verifyMerged(path, at, names, tolerance);
}

/**
 * Both open. A configuration that names no head has the one that the reference numbers were made with; an adapter's layers
 * stand beside those of its base. Where the reference is known to err, the model errs with it, and `fault` says how.
 */
export function openReference(path: string): Opened {
  specOf(path); // a folder that is none is told first,
  if (!hasExpected(path)) openFolder(path).close(); // and one that cannot be opened
  const expected = openExpected(path);
  const options = { head: expected.metadata["architecture"] };
  try {
    if (adapterPaths(path)) return { expected, folder: openTrained(path, options) };
    return { expected, ...erring(openFolder(path, options), expected) };
  } catch (error) {
    expected.close();
    throw error;
  }
}

/** Throws an Error where the adapter is for another head than the reference's. */
function openTrained(path: string, options: { readonly head: string | undefined }): ModelFolder {
  const folder = openAdapted(path, options);
  const { headName } = folder;
  if (options.head === undefined || headName === options.head) return folder;
  folder.close();
  throw new Error(
    `${path}: with "task_type" in adapter_config.json the model is ${headName}, but its reference is ${options.head}; correct the one that is wrong`,
  );
}

interface Opened {
  readonly folder: ModelFolder;
  readonly expected: Weights;
  readonly fault?: string;
}

function erring(folder: ModelFolder, { tensors, metadata }: Weights): Omit<Opened, "expected"> {
  const { architecture, config } = folder.spec;
  const attentions = [...tensors.keys()].some((name) => name.startsWith("outputs.attentions."));
  const known = architecture.reference?.(config, { transformers: metadata["transformers"] ?? "", attentions });
  if (!known) return { folder };
  const spec = { ...folder.spec, architecture: { ...architecture, heads: known.heads } };
  const model = build(spec, folder.headName);
  return { folder: { ...folder, spec, model, params: namedParams(model) }, fault: known.fault };
}

/** Ten AdamW steps on the file's batch: decay on every parameter that it has a gradient of, dropout off. */
async function tenLosses({ folder, expected, weights, options }: Reference): Promise<number[]> {
  const { tensors, values } = inputsOf(expected);
  const loss = lossOf(trace(() => forward(folder.model, tensors)).result);
  const optimizer = adamw({ beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 });
  const learned = new Set([...byGradient(folder)].flatMap(([name, p]) => (expected.tensors.has(name) ? [p] : [])));
  const frozen = (name: string) => learned.size > 0 && !learned.has(folder.params.get(name)!);
  const plan = planOf({ parameters: folder.params, batch: tensors, loss, optimizer, frozen, mode: "evaluation" });
  await using learner = await openLearner(plan, options);
  for (const [name, { data }] of learner.state.array("weight")) data.set(weights.get(name)!);
  const used = new Set(plan.gradients.inputs.map(({ name }) => name));
  const batch = Object.fromEntries(Object.entries(values).filter(([name]) => used.has(planNames.batch(name))));
  const losses: number[] = [];
  while (losses.length < 10) losses.push((await learner.update(batch, { lr: 1e-3 })).loss);
  return losses;
}
