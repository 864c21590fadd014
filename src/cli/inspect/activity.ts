/** `inspect --activity`: gates and states of a recurrent model's units over a text. */
import { activitySvg, recurrentActivity } from "../../inspect/index.ts";
import { count } from "../../tensor/dtype.ts";
import type { Asked, Found } from "../commands/inspect.ts";

export async function look({ folder, tokenizer, ids, options }: Asked): Promise<Found> {
  const { model, spec, params, read } = folder;
  const weights = new Map([...params].map(([name, { shape }]) => [name, new Float32Array(count(shape))]));
  for (const [name, into] of weights) read(name, into);
  const found = await recurrentActivity(model, spec, weights, ids, options);
  const tokens = ids.map((id) => tokenizer.decode([id]));
  if (spec.config["reverse_source"] === true) tokens.reverse(); // columns are in the order of reading
  const maps = found.map(({ path, ...map }) => ({ name: path.replaceAll("_", " "), ...map }));
  const mean = ({ values }: { readonly values: Float32Array }) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    svg: activitySvg(tokens, maps, { title: `Units of the ${spec.architecture.spec.modelType} over the text` }),
    record: { means: Object.fromEntries(found.map((one) => [one.path, mean(one)])) },
    rows: [["", "units", "mean"], ...found.map((one) => [one.path, String(one.units), mean(one).toFixed(3)])],
  };
}
