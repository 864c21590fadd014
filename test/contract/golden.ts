/** Golden folders: models with the numbers that a reference implementation gave (format "trainformer-expected-1"). */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors } from "../../src/formats/index.ts";
import { architectures } from "../../src/models/index.ts";

/** Folders in `root` whose head is registered, with the name of it. */
export function goldenFolders(root: string): { readonly folder: string; readonly headName: string }[] {
  if (!existsSync(root)) return [];
  return readdirSync(root).flatMap((name) => {
    const folder = join(root, name);
    if (!["config.json", "expected.safetensors"].every((file) => existsSync(join(folder, file)))) return [];
    const { model_type, architectures: named } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    const heads = Object.keys(architectures.get(model_type)?.heads ?? {});
    return heads.includes(named?.[0]) ? [{ folder, headName: named[0] }] : [];
  });
}

/** What a folder has numbers for. */
export function expectedNames(folder: string): string[] {
  using expected = openSafetensors(join(folder, "expected.safetensors"));
  return [...expected.tensors.keys()];
}

/** Parameters that no loss touches, or that it does not depend on, as the folder's reference says. */
export function withoutGradient(folder: string): string[] {
  using expected = openSafetensors(join(folder, "expected.safetensors"));
  const { no_grads = "", zero_grads = "" } = expected.metadata;
  return `${no_grads} ${zero_grads}`.split(" ").filter((name) => name !== "");
}
