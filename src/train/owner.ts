/** The owner of a training run's memory and sessions. It does one thing at a time, in the order asked. */
import { openWeights, type Weights, writeSafetensors } from "../formats/index.ts";
import { quoteList } from "../formats/quote.ts";
import { type Decoder, generateAll, openDecoderPlan } from "../generate/index.ts";
import { SEED } from "../onnx/lower.ts";
import { openProgram, type Program } from "../runtime/program.ts";
import type { Slice, State } from "../runtime/state.ts";
import type { Batch } from "../tasks/task.ts";
import type { Value } from "../tensor/dtype.ts";
import { type Carrier, runCarried } from "./carrier.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { initialize } from "./initialize.ts";
import { openLearner } from "./learner.ts";
import type { CheckpointState, Initial, Owner, Work } from "./messages.ts";
import { names } from "./plan.ts";

export async function openOwner(work: Work): Promise<Owner> {
  const { plan, evaluation, initial, options } = work;
  const learner = await openLearner(plan, options);
  const { state } = learner;
  fill(state, initial);
  const weights = () => tensorsOf(state.array("weight"));
  const slotNames = [...new Set(plan.updates.flatMap(({ slots }) => slots))];
  const slots = () =>
    new Map([
      ...slotNames.flatMap((slot) => [...tensorsOf(state.array(slot), `.${slot}`)]),
      ...[...learner.carried].map(([name, x]) => [`${name}.carried`, x] as const),
    ]);
  let evaluator: Promise<{ readonly program: Program; readonly run: ReturnType<typeof runCarried> }> | undefined; // opened when they are first asked for
  let decoder: Promise<Decoder> | undefined;
  const openDecoder = () => {
    decoder ??= openDecoderPlan(work.decoder!, parameterViews(state), options);
    return decoder;
  };
  const feedsOf = (program: Program, batch: Batch, seed = 0) => {
    const fed = { ...learner.weights(program), ...batchFor(program, batch) };
    if (program.inputs.some(({ name }) => name === SEED))
      fed[SEED] = { dtype: "uint32", dims: [], data: Uint32Array.of(seed) };
    return fed;
  };

  return {
    ready: async () => {},
    update: async (batches, at) => ({ ...(await learner.update(batches, at)), step: learner.step }),
    async evaluate(batch) {
      evaluator ??= openProgram(evaluation, options).then((program) => ({ program, run: runCarried(program) }));
      const { program, run } = await evaluator;
      return Number((await run(feedsOf(program, batch)))[names.loss]!.data[0]);
    },
    async probe(onnx, batch, seed) {
      await using program = await openProgram(onnx, options);
      const out = await program.run({ ...feedsOf(program, batch, seed), ...carriedFor(program, learner.carried) });
      return Object.fromEntries(
        Object.entries(out).map(([name, { data }]) => [name, Array.from<number | bigint, number>(data, Number)]),
      );
    },
    async sample(prompt, settings) {
      const [text] = await generateAll(await openDecoder(), [prompt], settings);
      return text!.slice(prompt.length);
    },
    async write(source, settings) {
      const texts = await generateAll(await openDecoder(), source, settings);
      const begun = source.rows?.[0]?.length ?? 1;
      return texts.map((ids) => ids.slice(begun));
    },
    save: async (folder, checkpoint, keep) =>
      saveCheckpoint(
        folder,
        { step: learner.step, model: weights(), optimizer: slots(), trainerState: { ...checkpoint }, rngState: {} },
        { keep },
      ),
    async load(path) {
      const checkpoint = loadCheckpoint(path, weights(), slots()).trainerState as unknown as CheckpointState;
      learner.step = checkpoint.step;
      return checkpoint;
    },
    async saveWeights(path) {
      writeSafetensors(path, new Map([...weights()].map(([name, x]) => [name, { dtype: "float32", ...x }])));
    },
    weights: async () => Object.fromEntries([...weights()].map(([name, { data }]) => [name, data.slice()])),
    async close() {
      await (await evaluator?.catch(() => undefined))?.program.close();
      await (await decoder?.catch(() => undefined))?.close();
      await learner.close();
    },
  };
}

type FromFolder = Extract<Initial, { readonly from: "folder" }>;

function fill(state: State, initial: Initial): void {
  if (initial.from === "chance") {
    initialize(state, initial.values, initial.seed);
    return;
  }
  const { fresh, merged = {} } = initial.from === "folder" ? initial : {};
  if (fresh) initialize(state, fresh.values, fresh.seed);
  if (initial.from === "folder") checkUsed(state, initial);
  using file = initial.from === "folder" ? openWeights(initial.weights ?? initial.path) : undefined;
  for (const [name, { dims, data }] of state.array("weight")) {
    if (initial.from === "arrays") data.set(initial.arrays[name]!);
    else if (merged[name]) data.set(merged[name]);
    else if (!fresh || !(name in fresh.values)) file!.readInto(storedNameOf(name, dims, initial, file!), data);
  }
}

/** Throws an Error where the folder has parameters that the model has not. */
function checkUsed(state: State, { path, storedNames }: FromFolder): void {
  const weights = state.array("weight");
  const strange = Object.keys(storedNames).filter((name) => !weights.has(name));
  if (strange.length > 0)
    throw new Error(
      `${path}: it has ${quoteList(strange)}, which the model to train has not; a model that goes on from a folder has its sizes`,
    );
}

/** Throws an Error where the folder has no such parameter, or one of another size. */
function storedNameOf(
  name: string,
  dims: readonly number[],
  { path, storedNames }: FromFolder,
  { tensors }: Weights,
): string {
  const stored = storedNames[name];
  const shape = stored === undefined ? undefined : tensors.get(stored)?.shape;
  if (stored !== undefined && String(shape) === String(dims)) return stored;
  const there = shape ? `[${shape.join(", ")}] there` : "not there";
  throw new Error(
    `${path}: ${name} is [${dims.join(", ")}] in the model to train, but ${there}; a model that goes on from a folder has its sizes`,
  );
}

const tensorsOf = (slices: ReadonlyMap<string, Slice>, suffix = "") =>
  new Map([...slices].map(([name, { dims, data }]) => [name + suffix, { shape: dims, data }] as const));

const parameterViews = (state: State) => new Map([...state.array("weight")].map(([name, { data }]) => [name, data]));

const batchFor = ({ inputs }: Program, batch: Batch): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(batch).flatMap(([name, value]) =>
      inputs.some((input) => input.name === names.batch(name)) ? [[names.batch(name), value]] : [],
    ),
  );

/** What a probe of the training step goes on from. */
const carriedFor = ({ inputs }: Program, carried: Carrier["tensors"]): Record<string, Value> =>
  Object.fromEntries(
    [...carried].flatMap(([name, { shape, data }]) =>
      inputs.some((input) => input.name === names.batch(name))
        ? [[names.batch(name), { dtype: "float32", dims: shape, data }]]
        : [],
    ),
  );
