/** What the contract is tested on: every registered architecture with each of its heads, tiny, under drawn weights. */
import { architectures, build, type InputSpec, inputsOf, type Model, type ModelSpec } from "../../src/models/index.ts";
import { fillInitial, namedParams, type Param } from "../../src/nn/index.ts";
import { fillNormal, keyOf } from "../../src/random.ts";
import { count, type Value } from "../../src/tensor/dtype.ts";

export type Weights = ReadonlyMap<string, Float32Array>;
export type FloatValues = Record<string, Value<"float32">>;

export interface Subject {
  readonly spec: ModelSpec;
  readonly headName: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly model: Model;
  readonly params: ReadonlyMap<string, Param>;
}

/** One for each head. */
export const subjects: readonly Subject[] = [...architectures.values()].flatMap((architecture) => {
  const spec = architecture(architecture.tiny);
  return Object.keys(architecture.heads).map((headName) => {
    const model = build(spec, headName);
    return { spec, headName, inputs: inputsOf(spec, headName), model, params: namedParams(model) };
  });
});

/** The numbers that training starts from. */
export const freshWeights = (params: ReadonlyMap<string, Param>): Weights =>
  drawn(params, (view, { init }, key) => fillInitial(view, init, key));

/** Large and uneven: vectors about their first numbers, matrices that keep the size of what goes through them. */
export const loudWeights = (params: ReadonlyMap<string, Param>): Weights =>
  drawn(params, (view, { init, shape }, key) => {
    if (shape.length > 1) return void fillNormal(view, key, { std: 0.9 / Math.sqrt(Math.min(...shape)) });
    fillInitial(view, init, key);
    const noise = fillNormal(new Float32Array(view.length), keyOf(key, "noise"), { std: 0.2 });
    noise.forEach((x, i) => {
      view[i]! += x;
    });
  });

function drawn(
  params: ReadonlyMap<string, Param>,
  draw: (view: Float32Array, param: Param, key: number) => void,
): Weights {
  return new Map(
    [...params].map(([name, param]) => {
      const view = new Float32Array(count(param.shape));
      draw(view, param, keyOf(1, name));
      return [name, view];
    }),
  );
}

/** Weights as a program is fed them. */
export const valuesOf = (params: ReadonlyMap<string, Param>, weights: Weights): FloatValues =>
  Object.fromEntries(
    [...params].map(([name, { shape }]) => [name, { dtype: "float32", dims: shape, data: weights.get(name)! }]),
  );
