import { describe, expect, test } from "vitest";
import { compile } from "../runtime/compile.ts";
import { topologicalOrder } from "./grad.ts";
import { add, type Float, grad, input, mul, scan, scope, sum, tanh, tap, trace, within } from "./index.ts";
import { atStep, gateInput, nextCall } from "./trace.ts";

describe("the layer's path", () => {
  test("is written into the nodes that it makes, and is nothing outside of a layer", () => {
    const x = input([2]);
    const inside = within("h.0.mlp", () => tanh(x));
    expect([inside.scope, tanh(x).scope, scope()]).toEqual(["h.0.mlp", "", ""]);
  });

  test("is the whole path: a layer inside a layer says it in full", () => {
    const [outer, inner, after] = within("h.0", () => [scope(), within("h.0.attn", scope), scope()]);
    expect([outer, inner, after]).toEqual(["h.0", "h.0.attn", "h.0"]);
  });

  test("is as it was before, also after an error", () => {
    expect(() =>
      within("h.0", () => {
        throw new Error("forward failed");
      }),
    ).toThrow("forward failed");
    expect(scope()).toBe("");
    trace(() => {
      expect(() =>
        within("h.1", () => {
          throw new Error("forward failed");
        }),
      ).toThrow();
      expect(scope()).toBe("");
    });
  });

  test("of a backward pass is the layer's own, marked, once however often it is differentiated", () => {
    const x = input([2]);
    const y = within("h.0", () => tanh(x));
    const [dx] = grad(sum(y), [x]);
    const [ddx] = grad(sum(dx!), [x]);
    const scopes = (z: Float) => new Set(topologicalOrder([z]).map((node) => node.scope));
    expect(scopes(dx!)).toEqual(new Set(["", "h.0", "h.0/grad", "grad"]));
    expect(scopes(ddx!)).toEqual(new Set(["", "h.0", "h.0/grad", "grad"]));
  });
});

describe("taps", () => {
  test("are the trace's, in the order they were made, under their layer's path", () => {
    const x = input([2]);
    const { result, taps } = trace(() => {
      const a = within("h.0", () => tap("hidden", tanh(x), { axes: ["channel"], domain: "signed" }));
      return tap("sum", add(a, x));
    });
    expect(taps.map(({ path, name }) => [path, name])).toEqual([
      ["h.0.hidden", "hidden"],
      ["sum", "sum"],
    ]);
    expect(taps[0]).toMatchObject({ axes: ["channel"], domain: "signed" });
    expect(taps[1]!.value).toBe(result);
  });

  test("give back what they name, and are nothing outside of a trace", () => {
    const x = input([2]);
    expect(tap("x", x)).toBe(x);
    expect(trace(() => x).taps).toEqual([]);
  });

  test("of a trace inside a trace are the outer one's", () => {
    const x = input([2]);
    const { taps } = trace(() => trace(() => tap("inner", x)));
    expect(taps.map(({ path }) => path)).toEqual(["inner"]);
  });

  test("inside a scan are the values of all its steps, time first; in a scan inside a scan, once more", () => {
    const step = ([h]: readonly [Float], [x]: readonly [Float]) => {
      const next = tap("state", add(h, x), { axes: ["unit"] });
      return { carry: [next] as const, ys: [] };
    };
    const { taps } = trace(() => {
      scan(step, [input([2])], [input(["T", 2])]);
      scan(([h], [xs]) => ({ carry: [scan(step, [h], [xs]).carry[0]], ys: [] }), [input([2])], [input(["S", "T", 2])]);
    });
    expect(taps.map(({ path, axes, value }) => [path, axes, value.shape])).toEqual([
      ["state", ["time", "unit"], ["T", 2]],
      ["state", ["time", "time", "unit"], ["S", "T", 2]],
    ]);
  });

  test("inside a scan have the numbers of each step", async () => {
    const [h0, xs] = [input([1]), input(["T", 1])];
    const { taps } = trace(() =>
      scan(([h], [x]) => ({ carry: [tap("state", mul(tap("before", h), x))], ys: [] }), [h0], [xs]),
    );
    const [before, state] = taps.map(({ value }) => value as Float);
    await using program = await compile({ h0, xs }, { before: before!, state: state! });
    const f32 = (dims: number[], data: number[]) =>
      ({ dtype: "float32", dims, data: Float32Array.from(data) }) as const;
    const got = await program({ h0: f32([1], [2]), xs: f32([3, 1], [3, 5, 7]) });
    expect([...got.before.data]).toEqual([2, 6, 30]);
    expect([...got.state.data]).toEqual([6, 30, 210]);
  });
});

describe("gates", () => {
  const gated = () => within("h.0.attn", () => gateInput("heads", [4, 1, 1], (shape) => input(shape)));

  test("are inputs where the trace asks for them: one for each place, however often it is called", () => {
    const { result, gates } = trace(() => [gated(), gated()], { gates: true });
    expect(gates).toHaveLength(1);
    expect(gates[0]).toMatchObject({ path: "h.0.attn.heads", shape: [4, 1, 1] });
    expect(result).toEqual([gates[0]!.value, gates[0]!.value]);
  });

  test("are nothing elsewhere", () => {
    expect(gated()).toBeUndefined();
    expect(trace(gated)).toMatchObject({ result: undefined, gates: [] });
    expect(trace(() => atStep(input([], "int64"), gated), { gates: true })).toMatchObject({
      result: undefined,
      gates: [],
    });
  });
});

test("a place's calls are counted in each trace anew", () => {
  const calls = () => [within("a", nextCall), within("b", nextCall), within("a", nextCall)].map(({ index }) => index);
  expect(trace(calls).result).toEqual([0, 0, 1]);
  expect(trace(calls).result).toEqual([0, 0, 1]);
  expect(trace(() => [...calls(), ...calls()]).result).toEqual([0, 0, 1, 2, 1, 3]);
  expect(calls()).toEqual([0, 0, 0]); // each is a trace of its own
});

test("a step inside a step knows both", () => {
  const [outer, inner] = [input([], "int64"), input([], "int64")];
  expect(atStep(outer, () => atStep(inner, nextCall)).steps).toEqual([outer, inner]);
  expect(nextCall().steps).toEqual([]);
});
