/** Does a model folder generate what a reference implementation did, greedy and with beams? */
import { compare, compareIds, limitOf, promptsOf, type TensorReport } from "./expected.ts";
import type { Weights } from "./formats/index.ts";
import {
  beamSearch,
  type Decoder,
  type GenerateOptions,
  generateAll,
  openDecoder,
  type Rows,
  type Source,
} from "./generate/index.ts";
import type { ModelSpec } from "./models/index.ts";
import type { Value } from "./tensor/dtype.ts";
import type { Reference } from "./verify-pass.ts";

export const GENERATED = ["generate.greedy", "generate.beam4", "generate.beam4_scores"] as const;
const NEW_TOKENS = 12; // of the reference, where no text is longer
const BEAMS = { numBeams: 4, lengthPenalty: 1, earlyStopping: false } as const;

/** Reports on those of `GENERATED` that are among `names`; `tolerance` multiplies the limit of the scores. */
export async function* verifyGenerated(
  { folder, expected, weights, options }: Reference,
  names: readonly string[],
  tolerance: number,
): AsyncGenerator<TensorReport> {
  if (!GENERATED.some((name) => names.includes(name))) return;
  await using decoder = await openDecoder(folder.model, endless(folder.spec), weights, options);
  const prompts = promptsFor(decoder, expected);
  const begun = "source" in prompts ? 1 : expected.tensors.get("generate.prompt")!.shape[1]!;
  const given = (name: string): GenerateOptions => {
    const width = expected.tensors.get(name)?.shape[1] ?? 0;
    return { defaults: folder.generation, doSample: false, maxNewTokens: Math.max(NEW_TOKENS, width - begun) };
  };
  if (names.includes("generate.greedy")) {
    const rows = await generateAll(decoder, prompts, { ...given("generate.greedy"), numBeams: 1 });
    yield compareIds("generate.greedy", rows, expected);
  }
  const search = { ...given("generate.beam4"), ...BEAMS };
  if (names.includes("generate.beam4"))
    yield compareIds("generate.beam4", await generateAll(decoder, prompts, search), expected);
  if (names.includes("generate.beam4_scores")) {
    const scores = (await beamSearch(decoder, prompts, search)).map(([best]) => best!.score);
    yield compare("generate.beam4_scores", scores, expected, { limit: limitOf("scores", expected) * tolerance });
  }
}

/** The same without the end that its training had: the reference goes on behind it. */
const endless = ({ architecture, ...spec }: ModelSpec): ModelSpec => ({
  ...spec,
  architecture: { ...architecture, limits: { ...architecture.limits, unbounded: () => true } },
});

/** The file's prompts; of an encoder-decoder its source, whose first input the file names. */
function promptsFor({ source }: Decoder, expected: Weights): Rows | Source {
  if (!source) return promptsOf(expected);
  const prompt = readValue("generate.prompt", expected);
  const mask = expected.tensors.has("generate.attention_mask")
    ? readValue("generate.attention_mask", expected)
    : ones(prompt.dims.slice(0, 2));
  const first = expected.metadata["prompt"] ?? "input_ids";
  return { source: Object.fromEntries(source.map((name) => [name, name === first ? prompt : mask])) };
}

function readValue(name: string, expected: Weights): Value {
  const { dtype, shape, data } = expected.read(name);
  return { dtype, dims: shape, data } as Value;
}

const ones = ([rows = 0, width = 0]: readonly number[]): Value => ({
  dtype: "int64",
  dims: [rows, width],
  data: new BigInt64Array(rows * width).fill(1n),
});
