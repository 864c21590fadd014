/** Where a model folder's tokenizer is (Node). */
import { hasTokenizer, loadTokenizer, type Tokenizer } from "../tokenizers/index.ts";
import { adapterFolder, adapterPaths } from "./adapter-folder.ts";

/** The folder itself, else that of its adapter, else that of the adapter's base; itself where none has a tokenizer. */
export async function tokenizerHome(path: string): Promise<string> {
  if (await hasTokenizer(path)) return path;
  const adapter = adapterFolder(path);
  if (adapter === undefined) return path;
  if (await hasTokenizer(adapter)) return adapter;
  const { base } = adapterPaths(path)!;
  return (await hasTokenizer(base)) ? base : path;
}

/** Throws as `loadTokenizer` does. */
export const folderTokenizer = async (path: string): Promise<Tokenizer> => loadTokenizer(await tokenizerHome(path));
