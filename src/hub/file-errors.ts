/** What is wrong in a file, with the file's name before it. */
import type { JsonObject } from "../formats/index.ts";

/** Errors of `read` with the file's name before them. */
export function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** What a file of JSON holds, if it is an object. Throws an Error otherwise. */
export function objectOf(file: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${file}: it holds no JSON object`);
  return value as JsonObject;
}
