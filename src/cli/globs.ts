/** Patterns that a shell has not expanded, such as `texts/*.txt` in quotes. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "./errors.ts";

/** Files as they are named; for a pattern (`*`, `?`, and `**` for folders at any depth) those that fit, sorted. */
export function expandGlobs(patterns: readonly string[]): string[] {
  return patterns.flatMap((pattern) => {
    if (!/[*?]/.test(pattern) || existsSync(pattern)) return [pattern];
    const found = expand(pattern);
    if (found.length === 0) throw new UserError(`no file fits the pattern ${JSON.stringify(pattern)}`);
    return found;
  });
}

function expand(pattern: string): string[] {
  const parts = pattern.split("/");
  const fixed = parts.findIndex((part) => /[*?]/.test(part));
  const root = parts.slice(0, fixed).join("/") || (pattern.startsWith("/") ? "/" : ".");
  const fits = new RegExp(`^${parts.slice(fixed).map(expression).join("/").replaceAll("(?:.*/)?/", "(?:.*/)?")}$`);
  const found: string[] = [];
  const walk = (folder: string, path: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const inner = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) walk(join(folder, entry.name), inner);
      else if (fits.test(inner)) found.push(join(root, inner));
    }
  };
  if (existsSync(root)) walk(root, "");
  return found.sort();
}

const expression = (part: string) =>
  part === "**"
    ? "(?:.*/)?"
    : part
        .replace(/[\\^$.+()[\]{}|]/g, "\\$&")
        .replaceAll("*", "[^/]*")
        .replaceAll("?", "[^/]");
