import { describe, expect, test } from "vitest";
import { build, gpt2, gru, lstm, type ModelSpec, rnn, seq2seq } from "../models/index.ts";
import { fillInitial, namedParams } from "../nn/index.ts";
import { below, keyOf } from "../random.ts";
import { count } from "../tensor/dtype.ts";
import { recurrentActivity } from "./activity.ts";
import { activitySvg } from "./figures/activity.ts";
import { gradientThroughTimeSvg } from "./figures/gradient-through-time.ts";
import { gradientThroughTime } from "./gradient-through-time.ts";

const sizes = { vocab_size: 8, embedding_size: 4, hidden_size: 16, num_layers: 1 };
const rows = Array.from({ length: 8 }, (_, r) =>
  Array.from({ length: 30 }, (_, i) => below(8, keyOf(1, "rows", r), i)),
);

function drawn(spec: ModelSpec) {
  const model = build(spec, Object.keys(spec.architecture.heads)[0]!);
  const weights = new Map(
    [...namedParams(model)].map(([name, { shape, init }]) => {
      const data = new Float32Array(count(shape));
      fillInitial(data, init, keyOf(0, name));
      return [name, data];
    }),
  );
  return { spec, model, weights };
}
const measure = (spec: ModelSpec, ids = rows, steps?: readonly number[]) => {
  const { model, weights } = drawn(spec);
  return gradientThroughTime(model, spec, weights, ids, { threads: 1, ...(steps && { steps }) });
};

describe("the gradient through time", () => {
  test("of rectified units that hand on nine tenths is 0.9 to the power of the steps", async () => {
    const { spec, model, weights } = drawn(rnn({ ...sizes, nonlinearity: "relu" }));
    for (const [name, data] of weights) {
      if (name.includes("weight_hh")) data.set(Array.from(data, (_, i) => (i % 17 === 0 ? 0.9 : 0)));
      if (name.includes("weight_ih")) data.fill(0);
      if (name.includes("bias")) data.fill(1); // all units are above 0
    }
    const { steps, norms } = await gradientThroughTime(model, spec, weights, rows, { threads: 1 });
    expect(steps).toEqual([1, 2, 4, 8, 16, 30]);
    const unit = norms[0]! / 0.9; // of the drawn directions
    expect(Math.abs(unit - 1)).toBeLessThan(0.1);
    for (const [i, n] of steps.entries()) expect(norms[i]! / unit / 0.9 ** n).toBeCloseTo(1, 4);
  });

  test("before training is small for an RNN and a GRU, and larger the more an LSTM's forget gate keeps", async () => {
    const left = async (spec: ModelSpec) => (await measure(spec, rows, [30])).norms[0]!;
    const [plain, gated, drawnBias, one, three] = [
      await left(rnn(sizes)),
      await left(gru(sizes)),
      await left(lstm(sizes)),
      await left(lstm({ ...sizes, forget_bias: 1 })),
      await left(lstm({ ...sizes, forget_bias: 3, input_bias: -3 })),
    ];
    expect(Math.max(plain, gated, drawnBias)).toBeLessThan(1e-4);
    expect(one).toBeGreaterThan(10 * drawnBias);
    expect(three).toBeGreaterThan(10 * one);
    expect(three).toBeGreaterThan(0.05);
  });

  test("is told for each part of the state, and their squares add up", async () => {
    const { norms, parts } = await measure(lstm({ ...sizes, num_layers: 2 }), rows, [3]);
    expect(Object.keys(parts)).toEqual(["state.0.hidden", "state.0.cell", "state.1.hidden", "state.1.cell"]);
    expect(Math.hypot(...Object.values(parts).map(([norm]) => norm!))).toBeCloseTo(norms[0]!, 10);
  });

  test("asks for rows of one length, steps within them, and a model with a state", async () => {
    await expect(measure(rnn(sizes), [[1, 2], [1]])).rejects.toThrow(
      "gradient through time: rows must be of one length ≥ 1, got 2, 1",
    );
    await expect(measure(rnn(sizes), [[1, 2]], [3])).rejects.toThrow(
      "gradient through time: 3 steps back in rows of 2 tokens",
    );
    await expect(measure(gpt2({ vocab_size: 8, n_layer: 1, n_head: 1, n_embd: 4 }))).rejects.toThrow(
      "gpt2: it keeps no state from step to step, so there is no gradient through time",
    );
  });

  test("of an encoder that reads one way is that of its own states, and its forget gate keeps it", async () => {
    const { vocab_size, ...others } = sizes;
    const of = (more: object) =>
      seq2seq({ ...others, source_vocab_size: vocab_size, attention: "none", bidirectional: false, ...more });
    const fades = await measure(of({ cell: "rnn" }), rows, [1, 30]);
    expect(Object.keys(fades.parts)).toEqual(["encoder_state.0.hidden"]);
    expect(fades.norms[1]).toBeLessThan(1e-4);
    const keeps = await measure(of({ cell: "lstm", forget_bias: 3, input_bias: -3 }), rows, [1, 30]);
    expect(Object.keys(keeps.parts)).toEqual(["encoder_state.0.hidden", "encoder_state.0.cell"]);
    expect(keeps.norms[1]).toBeGreaterThan(0.05);
    await expect(measure(of({ cell: "gru", bidirectional: true }), rows, [1])).rejects.toThrow(
      "seq2seq: its encoder reads both ways, so no state stands for what was read; train with bidirectional=false",
    );
  });

  test("is drawn with a line a model and its numbers in words", () => {
    const svg = gradientThroughTimeSvg([
      { name: "RNN", steps: [1, 2], norms: [0.5, 0] },
      { name: "LSTM", steps: [1, 2], norms: [0.9, 0.81] },
    ]);
    expect(svg).toContain("<desc>RNN: 0.50 after 1, 1.0e-12 after 2. LSTM: 0.90 after 1, 0.81 after 2.</desc>");
    expect(svg).toContain(">steps back (T − t)<");
    expect(svg.match(/class="dot c1"/g)?.length).toBeGreaterThanOrEqual(2);
    expect(svg).not.toContain("NaN");
  });
});

describe("activity", () => {
  test("has every gate and state of every layer, each token a row", async () => {
    const { spec, model, weights } = drawn(lstm({ ...sizes, num_layers: 2 }));
    const found = await recurrentActivity(model, spec, weights, [1, 2, 3], { threads: 1 });
    const gates = ["input_gate", "forget_gate", "candidate", "output_gate", "cell_state", "hidden_state"];
    expect(found.map(({ path }) => path).sort()).toEqual(
      ["l0", "l1"].flatMap((layer) => gates.map((gate) => `rnn.${layer}.${gate}`)).sort(),
    );
    for (const { values, units, domain } of found) {
      expect(values).toHaveLength(3 * units);
      if (domain === "positive") expect(Math.min(...values)).toBeGreaterThan(0);
    }
    const of = (name: string) => found.find(({ path }) => path === `rnn.l1.${name}`)!.values;
    const [o, c, h] = [of("output_gate"), of("cell_state"), of("hidden_state")];
    for (const [i, x] of h.entries()) expect(x).toBeCloseTo(o[i]! * Math.tanh(c[i]!), 5);
  });

  test("of an encoder-decoder is its encoder's, each direction's", async () => {
    const { vocab_size: source_vocab_size, ...others } = sizes;
    const { spec, model, weights } = drawn(
      seq2seq({ ...others, source_vocab_size, target_vocab_size: 3, cell: "gru" }),
    );
    const found = await recurrentActivity(model, spec, weights, [7, 6, 5], { threads: 1 });
    const gates = ["reset_gate", "update_gate", "candidate", "hidden_state"];
    expect(found.map(({ path }) => path).sort()).toEqual(
      ["l0", "l0_reverse"].flatMap((layer) => gates.map((gate) => `encoder.rnn.${layer}.${gate}`)).sort(),
    );
    for (const { units, values } of found) expect([units, values.length]).toEqual([8, 3 * 8]);
  });

  test("asks for a token, and for a model with recurrent units", async () => {
    const { spec, model, weights } = drawn(lstm(sizes));
    await expect(recurrentActivity(model, spec, weights, [])).rejects.toThrow("activity: there is no token to read");
    const other = drawn(gpt2({ vocab_size: 8, n_layer: 1, n_head: 1, n_embd: 4 }));
    await expect(recurrentActivity(other.model, other.spec, other.weights, [1])).rejects.toThrow(
      "gpt2: it has no recurrent units to look at",
    );
  });

  test("is drawn with the liveliest units, and their numbers on hover", () => {
    const values = Float32Array.from([0.5, 0.1, 0.5, 0.9]);
    const svg = activitySvg(["a", "\n"], [{ name: "forget gate", domain: "positive", units: 2, values }], { most: 1 });
    expect(svg).toContain("<title>unit 1, “⏎”: 0.900</title>");
    expect(svg).not.toContain("unit 0");
    expect(svg).toContain("<desc>forget gate: 2 units; over 2 tokens.</desc>");
  });
});
