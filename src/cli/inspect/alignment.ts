/** `inspect --alignment`: which words of a source are read for each word of what is written for it, or should be. */
import { align } from "../../align.ts";
import { alignmentSvg } from "../../inspect/index.ts";
import { load } from "../../load.ts";
import type { Asked, Found } from "../commands/inspect.ts";

export async function look({ folder, text, target, options }: Asked): Promise<Found> {
  await using model = await load(folder.path, options);
  const written = target === undefined ? (await model.predict([text]))[0]! : { text, output: target };
  const [alignment] = await align(model, [written]);
  const { source, target: tokens, weights } = alignment!;
  const rows = tokens.map((token, t) => {
    const row = Array.from(weights).slice(t * source.length, (t + 1) * source.length);
    const most = row.indexOf(Math.max(...row));
    return { token, source: source[most]!, weight: row[most]! };
  });
  return {
    svg: alignmentSvg(alignment!, { title: "What was read for each word" }),
    record: { ...written, source, target: tokens, weights: Array.from(weights) },
    rows: [
      ["written", "read most", "weight"],
      ...rows.map(({ token, source, weight }) => [token, source, weight.toFixed(3)]),
    ],
  };
}
