/** Forward passes of an opened folder: inputs by name in, outputs by Hugging Face's names out. */
import { checkInputs, checkLabels } from "./check-inputs.ts";
import { type Arrays, dimsOf, type Result, toResult, toValue } from "./host.ts";
import type { ModelFolder } from "./hub/index.ts";
import { forward, type InputSpec, nearest } from "./models/index.ts";
import { type Compiled, compile, type Tree } from "./runtime/compile.ts";
import type { ProgramOptions } from "./runtime/program.ts";
import { input, type Tensor, type Value } from "./tensor/tensor.ts";
import { trace } from "./tensor/trace.ts";

/** What a forward pass gives, by Hugging Face's names; a name that the model does not give is not there. */
export interface Outputs {
  readonly logits: Result;
  readonly [name: string]: Result;
}

export interface RunOptions {
  readonly outputHiddenStates?: boolean;
  readonly outputAttentions?: boolean;
}

type Specs = Readonly<Record<string, InputSpec>>;

/** Programs are made when a set of inputs is first seen; one serves every batch size and length. */
export function openRunner(
  { model, inputs: known, params, spec }: ModelFolder,
  weights: ReadonlyMap<string, Float32Array>,
  options: ProgramOptions,
) {
  type Program = { readonly program: Promise<Compiled<Tree, Tree>>; readonly classes: number | undefined };
  const programs = new Map<string, Program>();
  const fed = Object.fromEntries(
    [...params].map(([name, { shape }]) => [name, { dtype: "float32", dims: shape, data: weights.get(name)! }]),
  );

  const open = (specs: Specs, { outputHiddenStates = false, outputAttentions = false }: RunOptions): Program => {
    const masked = Object.hasOwn(specs, "attention_mask");
    const inputs = Object.fromEntries(
      Object.entries(specs).map(([name, { dtype, shape }]) => {
        return [name, input(masked ? shape.map((d) => (d === "keys" ? "time" : d)) : shape, dtype)];
      }),
    );
    const { result, taps } = trace(() => forward(model, inputs));
    const outputs: Record<string, Tensor> = {};
    for (const [name, x] of Object.entries(result)) if (x) outputs[name] = x;
    const wanted = {
      hidden_states: outputHiddenStates,
      attentions: outputAttentions,
      cross_attentions: outputAttentions,
    };
    for (const [name, asked] of Object.entries(wanted))
      if (asked)
        for (const [i, { value }] of taps.filter((tap) => tap.name === name).entries()) outputs[`${name}.${i}`] = value;
    const program = compile(
      { params: Object.fromEntries(params), inputs } as Tree,
      { outputs },
      { ...options, mode: "evaluation" },
    );
    return { program, classes: classesOf(inputs["labels"], outputs["logits"] ?? outputs["prediction_logits"]) };
  };

  return {
    async run(given: Readonly<Record<string, Arrays>>, asked: RunOptions = {}): Promise<Outputs> {
      const [values, specs]: [Record<string, Value>, Record<string, InputSpec>] = [{}, {}];
      for (const [name, arrays] of Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (!Object.hasOwn(known, name)) throw unknownInput(name, Object.keys(known));
        specs[name] = formOf(known[name]!, arrays);
        values[name] = toValue(name, arrays, specs[name].dtype);
      }
      const [first] = Object.keys(known);
      if (!Object.hasOwn(given, first!))
        throw new TypeError(`run: ${first} is missing; there are ${Object.keys(known).join(", ")}`);
      checkInputs(values, specs, spec);
      const key = JSON.stringify([specs, asked]);
      const { program, classes } = programs.get(key) ?? open(specs, asked);
      programs.set(key, { program, classes });
      if (classes !== undefined) checkLabels(values["labels"]!, classes);
      const { outputs } = await (await program)({ params: fed, inputs: values } as never);
      const results = Object.entries(outputs as Record<string, Value>).map(([name, value]) => [name, toResult(value)]);
      return Object.fromEntries(results) as Outputs;
    },
    close: async () => {
      for (const { program } of programs.values()) await (await program).close();
    },
  };
}

/** How many classes labels tell apart, where logits have one number for each. */
function classesOf(labels: Tensor | undefined, logits: Tensor | undefined): number | undefined {
  if (labels?.dtype !== "int64" || logits?.shape.length !== labels.shape.length + 1) return undefined;
  const classes = logits.shape.at(-1);
  return typeof classes === "number" ? classes : undefined;
}

/** Which of an input's forms has as many axes as what is given. */
const formOf = (spec: InputSpec, given: Arrays): InputSpec =>
  spec.or && dimsOf(given).length === spec.or.shape.length ? spec.or : spec;

const unknownInput = (name: string, known: readonly string[]) =>
  new TypeError(`run: there is no input "${name}"; did you mean "${nearest(name, known)}"? Known: ${known.join(", ")}`);
