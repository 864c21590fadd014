/** What every registered architecture promises, with each of its heads. A new one is tested by being registered. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { batchOf, CHOICES } from "../../test/contract/batch.ts";
import { goldenFolders, withoutGradient } from "../../test/contract/golden.ts";
import { all, at, distance, filled } from "../../test/contract/numbers.ts";
import { open, traced } from "../../test/contract/program.ts";
import { freshWeights, loudWeights, subjects } from "../../test/contract/subjects.ts";
import { openDecoder } from "../generate/index.ts";
import { openFolder, saveFolder } from "../hub/index.ts";
import { adamw } from "../optim/index.ts";
import { count, type Value } from "../tensor/dtype.ts";
import { type Float, grad, input, sum, trace, zerosLike } from "../tensor/index.ts";
import { openLearner } from "../train/learner.ts";
import { planOf } from "../train/plan.ts";
import { forward, limitsOf } from "./architecture.ts";
import { leftBy, remembered } from "./memory.ts";

const ours = goldenFolders(join(import.meta.dirname, "../../test/golden"));

/** What a head is taught, and does not read. */
const isAnswer = (name: string): boolean => /^(mc_)?labels$|_label$|^(start|end)_positions$/.test(name);

const named = subjects.map((subject) => ({ ...subject, modelType: subject.spec.architecture.spec.modelType }));

describe.each(named)("$modelType, $headName", (subject) => {
  const { spec, headName, inputs, model, params } = subject;
  const { architecture } = spec;
  const sees = (name: string) => Object.hasOwn(inputs, name);
  const labelled = Object.keys(inputs).filter((name) => name !== "position_ids");
  const masked = labelled.filter((name) => !isAnswer(name));
  const taught = masked.length < labelled.length;
  const plain = masked.filter((name) => name !== "attention_mask");
  const { outputs } = traced(subject, masked);
  const inTime = (name: string) => ["time", "source"].includes(outputs[name]!.shape[1] as string);
  const text = architecture.source ? "decoder_input_ids" : "input_ids"; // what a decoder goes on with
  const width = (outputs["logits"] ?? outputs["prediction_logits"])?.shape.at(-1);
  const classes = typeof width === "number" ? width : 2;
  const loud = loudWeights(params);
  const fresh = freshWeights(params);
  const lengths = [5, 3, 8];
  const batch = (names: readonly string[], rows: Partial<Parameters<typeof batchOf>[3]> = {}) =>
    batchOf(spec, inputs, names, { lengths, classes, ...rows });
  const openOutputs = (names: readonly string[], weights = loud) => {
    const graph = traced(subject, names);
    return open(subject, graph, weights, graph.outputs);
  };

  test("it has a golden folder", () => {
    expect(ours.map((golden) => golden.headName)).toContain(headName);
  });

  test("one program serves every batch size and length, and no row depends on another", async () => {
    await using program = await openOutputs(plain);
    for (const [B, T] of [
      [1, 1],
      [2, 3],
      [3, 8],
      [4, 5],
    ] as const) {
      const together = await program.run(batch(plain, { lengths: Array(B).fill(T) }));
      for (let row = 0; row < B; row++) {
        const alone = await program.run(batch(plain, { lengths: [T], first: row }));
        for (const [name, value] of Object.entries(alone))
          expect(distance(at(together[name]!, row), all(value))).toBeLessThan(2e-6);
      }
    }
  });

  const everywhere = Object.keys(outputs).every(inTime); // what is read at the first place has it on the left
  const sides = sees("position_ids") && everywhere ? (["right", "left"] as const) : (["right"] as const);
  test.runIf(sees("attention_mask")).each(sides)("padding on the %s changes nothing", async (padding) => {
    const names = padding === "left" ? [...masked, "position_ids"] : masked;
    await using padded = await openOutputs(names);
    await using bare = await openOutputs(plain);
    const together = await padded.run(batch(names, { padding }));
    for (const [row, length] of lengths.entries()) {
      const alone = await bare.run(batch(plain, { lengths: [length], first: row }));
      const start = padding === "left" ? 8 - length : 0;
      const real = Array.from({ length }, (_, t) => start + t);
      for (const [name, value] of Object.entries(alone)) {
        const choices = outputs[name]!.shape[2] === "time" ? Array.from({ length: CHOICES }, (_, i) => [i]) : [[]];
        const byTime = inTime(name) || choices.length > 1;
        const got = byTime
          ? choices.flatMap((choice) => real.flatMap((t) => at(together[name]!, row, ...choice, t)))
          : at(together[name]!, row);
        expect(distance(got, all(value))).toBeLessThan(1e-5);
      }
    }
  });

  test.runIf(architecture.cache && sees(text))("a causal model cannot see the future", async () => {
    await using program = await openOutputs(plain);
    const before = batch(plain, { lengths: [8, 8] });
    const changed = structuredClone(before);
    const ids = changed[text]!.data as BigInt64Array;
    for (const i of [4, 8 + 4]) ids[i] = (ids[i]! + 1n) % BigInt(limitsOf(spec).vocabulary);
    const [a, b] = [await program.run(before), await program.run(changed)];
    for (const name of Object.keys(outputs).filter((name) => outputs[name]!.shape[1] === "time"))
      for (const row of [0, 1])
        for (let t = 0; t < 8; t++) {
          if (t < 4) expect(at(b[name]!, row, t)).toEqual(at(a[name]!, row, t));
          else expect(at(b[name]!, row, t)).not.toEqual(at(a[name]!, row, t));
        }
  });

  const writes = outputs["logits"] !== undefined && inTime("logits") && width === limitsOf(spec).vocabulary;
  test.runIf(architecture.cache && writes)("cached decoding equals full decoding", async () => {
    const prompts = [
      [3, 1, 4, 1, 5],
      architecture.source ? [9, 2, 6, 5, 3] : [9, 2], // a recurrent decoder takes no mask
    ];
    const source = architecture.source && batch(Object.keys(architecture.source), { lengths: [5, 3] });
    await using cached = await openDecoder(model, spec, loud, { threads: 1 });
    await using full = await openDecoder(model, spec, loud, { threads: 1, cache: false });
    const [a, b] = [await cached.begin(prompts, source), await full.begin(prompts, source)];
    for (const tokens of [[], [6, 5], [3, 5], [8, 9]]) {
      if (tokens.length > 0) for (const decoding of [a, b]) await decoding.step(tokens);
      expect(distance([...a.logits], [...b.logits])).toBeLessThan(1e-5);
    }
  });

  test.runIf(architecture.cache && !architecture.source && outputs["logits"] && inTime("logits"))(
    "a cache stands for the text before it: the model goes on from there",
    async () => {
      const whole = traced(subject, ["input_ids"]);
      const cache = Object.entries(architecture.cache!(spec.config));
      const past = Object.fromEntries(cache.map(([name, { shape }]) => [name, input(shape)]));
      const left = Object.fromEntries(
        cache.map(([name, memory]) => [name, leftBy(memory.left ?? name, whole.outputs, whole.taps)]),
      );
      const given = { input_ids: whole.inputs["input_ids"]!, ...remembered(past) };
      const rest = trace(() => forward(model, given)).result["logits"]!;
      const ids = batch(["input_ids"], { lengths: [8] })["input_ids"]!;
      const cut = (from: number, to: number): Value<"int64"> => {
        return { dtype: "int64", dims: [1, to - from], data: (ids.data as BigInt64Array).slice(from, to) };
      };
      await using first = await open(subject, whole, loud, { logits: whole.outputs["logits"]!, left });
      const behind = { inputs: { ...whole.inputs, ...past }, gates: [] };
      await using second = await open(subject, behind, loud, { logits: rest });
      const full = await first.run({ input_ids: ids });
      const begun = await first.run({ input_ids: cut(0, 5) });
      const gone = await second.run({ input_ids: cut(5, 8), ...begun.left });
      for (const t of [0, 1, 2]) expect(distance(at(gone.logits, 0, t), at(full.logits, 0, 5 + t))).toBeLessThan(1e-5);
    },
  );

  test.runIf(taught)("every parameter receives a gradient, but those that no loss touches", async () => {
    const graph = traced(subject, labelled);
    const wrt = [...params.values()];
    const gradients = grad(graph.outputs["loss"]!, wrt, { ifUnused: (x) => zerosLike(x) });
    await using program = await open(subject, graph, loud, { gradients });
    const got = await program.run(batch(labelled));
    const without = [...params.keys()].filter((_, i) => all(got.gradients[i]!).every((g) => g === 0));
    const allowed = ours
      .filter((golden) => golden.headName === headName)
      .flatMap(({ folder }) => withoutGradient(folder));
    for (const name of without) expect(allowed).toContain(name);
  });

  test.runIf(sees("labels") && outputs["logits"] && classes > 1)("the first loss is about ln V", async () => {
    await using program = await openOutputs(labelled, fresh);
    const { loss } = await program.run(batch(labelled, { lengths: Array(24).fill(8) }));
    expect(Math.abs(all(loss!)[0]! / Math.log(classes) - 1)).toBeLessThan(0.1);
  });

  test.runIf(taught)("it learns one batch by heart", async () => {
    const graph = traced(subject, labelled);
    const optimizer = adamw({ weightDecay: 0 });
    const plan = planOf({
      parameters: params,
      batch: graph.inputs,
      loss: graph.outputs["loss"]!,
      optimizer,
      mode: "evaluation",
    });
    await using learner = await openLearner(plan, { threads: 1, maxGradNorm: 1 });
    for (const [name, { data }] of learner.state.array("weight")) data.set(fresh.get(name)!);
    let last = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 300 && last > 0.1; step++)
      last = (await learner.update(batch(labelled, { seed: 7 }), { lr: 0.01 })).loss; // rows that begin differently
    expect(last).toBeLessThan(0.1);
  });

  test("saved and loaded, it gives the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "contract-"));
    try {
      saveFolder(folder, { spec, headName, weights: loud });
      using opened = openFolder(folder);
      const weights = new Map([...params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
      for (const [name, into] of weights) opened.read(name, into);
      const again = traced(opened, masked);
      await using program = await openOutputs(masked);
      await using loaded = await open(opened, again, weights, again.outputs);
      expect(await loaded.run(batch(masked))).toEqual(await program.run(batch(masked)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a probe returns attention whose rows sum to 1, with nothing on padding", async () => {
    const graph = traced(subject, masked);
    const probabilities = graph.taps.filter(({ domain }) => domain === "probability");
    if (probabilities.length === 0) return; // no attention
    await using program = await open(subject, graph, loud, { taps: probabilities.map(({ value }) => value) });
    const { taps } = await program.run(batch(masked));
    for (const [i, { axes }] of probabilities.entries()) {
      const [value, width] = [taps[i]!, taps[i]!.dims.at(-1)!];
      const weights = all(value);
      const perRow = weights.length / lengths.length;
      for (let start = 0; start < weights.length; start += width) {
        const row = weights.slice(start, start + width);
        expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
        const length = lengths[Math.floor(start / perRow)]!;
        const isReal = (start / width) % value.dims.at(-2)! < length; // a query of padding may see nothing else
        if (axes?.at(-1) === "key" && width === 8 && isReal)
          expect(row.slice(length).every((weight) => weight === 0)).toBe(true);
      }
    }
  });

  test("a gate of 1 leaves everything as it is, dropout's masks too; a gate of 0 removes a head", async () => {
    const names = taught ? labelled : masked;
    const gated = traced(subject, names, { gates: true });
    const ungated = traced(subject, names);
    const sizes = gated.gates.map(({ path, shape }) => [path, shape as readonly number[]] as const);
    const ones = () => Object.fromEntries(sizes.map(([path, dims]) => [path, filled(dims, 1)]));
    for (const mode of ["train", "evaluation"] as const) {
      await using program = await open(subject, gated, loud, gated.outputs, mode);
      await using plainly = await open(subject, ungated, loud, ungated.outputs, mode);
      expect(await program.run(batch(names), ones())).toEqual(await plainly.run(batch(names)));
    }
    const heads = gated.gates.filter(({ path }) => path.endsWith(".heads"));
    if (heads.length === 0) return;
    const reads = heads.map(({ path }) => {
      const beside = gated.taps.find((tap) => tap.path === path.replace(/heads$/, "attentions"));
      return beside!.value as Float; // [B, H, T, S]
    });
    const scalar = gated.outputs["loss"] ?? sum(Object.values(gated.outputs)[0]!);
    const gradients = grad(scalar, reads);
    await using program = await open(subject, gated, loud, { gradients });
    for (const [i, { path, shape }] of heads.entries())
      for (let h = 0; h < Number(shape[0]); h++) {
        const closed = ones();
        closed[path]!.data[h] = 0;
        const through = (await program.run(batch(names), closed)).gradients[i]!;
        for (let other = 0; other < Number(shape[0]); other++)
          expect(lengths.some((_, row) => at(through, row, other).some((g) => g !== 0))).toBe(other !== h);
      }
  });
});
