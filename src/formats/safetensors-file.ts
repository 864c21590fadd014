/** safetensors files in Node: the header is read when one is opened, a tensor when it is asked for. */
import { closeSync } from "node:fs";
import { openFile, readFully } from "./file.ts";
import { openSource, type Weights } from "./safetensors-reader.ts";

/**
 * Opens a safetensors file and checks its header; no tensor is read yet.
 * @example
 * using file = openSafetensors("gpt2/model.safetensors");
 * const { shape, data } = file.read("wte.weight");
 * @throws when the file cannot be read, or its header is not right in any detail; the message starts with the path
 */
export function openSafetensors(path: string): Weights {
  const file = openFile(path);
  return openSource({
    path,
    size: file.size,
    read: (into, position) => readFully(file, into, position),
    close: () => closeSync(file.fd),
  });
}
