/** Does an adapter, merged into its base, give the weights and the numbers that the reference's merge gave? */
import { compare, limitOf, realPositions, type TensorReport } from "./expected.ts";
import { openFolder } from "./hub/index.ts";
import { onePass, type Reference, readWeights } from "./verify-pass.ts";

const WEIGHTS = "merged.parameters.";

/** Reports on those of `names` that begin with "merged."; `tolerance` multiplies the limits. */
export async function* verifyMerged(
  path: string,
  { expected, options }: Omit<Reference, "folder" | "weights">,
  names: readonly string[],
  tolerance: number,
): AsyncGenerator<TensorReport> {
  const wanted = names.filter((name) => name.startsWith("merged."));
  if (wanted.length === 0) return;
  using folder = openFolder(path, { head: expected.metadata["architecture"] });
  const weights = readWeights(folder);
  for (const name of wanted.filter((name) => name.startsWith(WEIGHTS))) {
    const own = name.slice(WEIGHTS.length);
    const got = weights.get(own) ?? weights.get(folder.spec.architecture.fileNames.tied[own] ?? "");
    if (!got) throw new Error(`${expected.path}: "${name}" is no parameter of this model`);
    yield compare(name, got, expected, { limit: limitOf("grads", expected) * tolerance });
  }
  const outputs = wanted.filter((name) => !name.startsWith(WEIGHTS));
  const asOutputs = outputs.map((name) => name.replace(/^merged/, "outputs"));
  const pass = await onePass({ folder, expected, weights, options }, asOutputs);
  for (const [i, name] of outputs.entries()) {
    const limit = limitOf("outputs", expected) * tolerance;
    yield compare(name, pass.outputs[asOutputs[i]!]!, expected, { limit, counts: realPositions(name, expected) });
  }
}
