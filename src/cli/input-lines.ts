/** What a command reads line by line: a file, JSON lines, or standard input. */
import { readText } from "../data/index.ts";
import { checked, UserError } from "./errors.ts";

interface Encoded {
  readonly encoding?: string;
  readonly encodingErrors?: string;
}

/** What a line says; `json`: the line as it was parsed, where the file is `.jsonl`. */
type ReadLine<T> = (line: string, json?: unknown) => T;

/** Each line by what `read` makes of it, in order. Throws a UserError with the file and the line. */
export async function* inputLines<T>(
  file: string | undefined,
  { encoding = "utf-8", encodingErrors = "strict" }: Encoded,
  read: ReadLine<T>,
): AsyncGenerator<T> {
  if (file === undefined) process.stdin.setEncoding("utf8");
  const text: AsyncIterable<string> =
    file === undefined ? process.stdin : readText(file, { encoding, fatal: encodingErrors === "strict" });
  const isJson = file !== undefined && /\.(jsonl|ndjson)$/i.test(file);
  const lines = linesOf(text);
  try {
    for (let number = 1; ; number++) {
      const { value: line, done } = await checked(() => lines.next());
      if (done) return;
      if (!isJson || line.trim() !== "")
        yield readLine(read, line, isJson, `${file ?? "standard input"}: line ${number}`);
    }
  } finally {
    await lines.return(undefined); // closes the file
  }
}

function readLine<T>(read: ReadLine<T>, line: string, isJson: boolean, place: string): T {
  try {
    return isJson ? read(line, JSON.parse(line)) : read(line);
  } catch (error) {
    throw new UserError(`${place}: ${(error as Error).message}`, { cause: error });
  }
}

/** A text: the line itself, or a string or `{"text"}` in JSON. */
export const textOfLine: ReadLine<string> = (line, json) => {
  if (json === undefined) return line;
  const text = typeof json === "object" && json !== null ? (json as { text?: unknown }).text : json;
  if (typeof text === "string") return text;
  throw new Error('it must be a string or {"text": a string}');
};

/** Ids: whole numbers with spaces or commas between them, or a list or `{"ids"}` in JSON. */
export const idsOfLine: ReadLine<number[]> = (line, json) => {
  const list = json === undefined ? line.split(/[\s,]+/).filter((word) => word !== "") : (json as { ids?: unknown });
  const ids: unknown = Array.isArray(list) ? list : list?.ids;
  if (!Array.isArray(ids)) throw new Error('it must be a list of ids or {"ids": such a list}');
  return ids.map((id) => {
    if (/^\d+$/.test(String(id))) return Number(id);
    throw new Error(`${JSON.stringify(id)} is no id; ids are whole numbers`);
  });
};

async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}
