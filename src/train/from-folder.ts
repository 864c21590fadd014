/** Training that begins with a folder's numbers (Node). */
import { openFolder } from "../hub/index.ts";
import type { Initial } from "./messages.ts";

type FromFolder = Extract<Initial, { readonly from: "folder" }>;

/**
 * For `train({ from: fromFolder("bert-base-uncased", { task: "masked-language-modeling" }), … })`: the folder's numbers,
 * and fresh ones, drawn from the seed, where it was made for another task and lacks them; the run begins with a warning that
 * names those. Throws as `openFolder` does.
 */
export function fromFolder(
  path: string,
  { task, seed = 0 }: { readonly task: string; readonly seed?: number },
): FromFolder {
  using folder = openFolder(path, { task });
  const values = Object.fromEntries(folder.fresh.map((name) => [name, folder.params.get(name)!.init]));
  return { from: "folder", path, storedNames: Object.fromEntries(folder.storedNames), fresh: { seed, values } };
}
