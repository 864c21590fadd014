/** Training that begins with a folder's numbers (Node). */
import { openFolder } from "../hub/index.ts";
import { count } from "../tensor/dtype.ts";
import type { Initial } from "./messages.ts";

type FromFolder = Extract<Initial, { readonly from: "folder" }>;

/**
 * For `train({ from: fromFolder("bert-base-uncased", { task: "masked-language-modeling" }), … })`: the folder's numbers,
 * and fresh ones, drawn from the seed, where it was made for another task and lacks them; the run begins with a warning that
 * names those. An adapter is merged into its base. Throws as `openFolder` does.
 */
export function fromFolder(
  path: string,
  { task, seed = 0 }: { readonly task: string; readonly seed?: number },
): FromFolder {
  using folder = openFolder(path, { task });
  const merged = (folder.merged ?? []).map((name) => {
    const numbers = new Float32Array(count(folder.params.get(name)!.shape));
    folder.read(name, numbers);
    return [name, numbers] as const;
  });
  const values = Object.fromEntries(folder.fresh.map((name) => [name, folder.params.get(name)!.init]));
  return {
    ...{ from: "folder", path, storedNames: Object.fromEntries(folder.storedNames), fresh: { seed, values } },
    ...(folder.weights !== path && { weights: folder.weights }),
    ...(merged.length > 0 && { merged: Object.fromEntries(merged) }),
  };
}
