/** A file of prompts, one a line. */
import { readText } from "../data/index.ts";

/** Throws where the file cannot be read. */
export async function linesOfFile(file: string): Promise<string[]> {
  let text = "";
  for await (const piece of readText(file)) text += piece;
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
