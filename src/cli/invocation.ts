/** How this program is called, for the commands that it suggests. */
import { relative } from "node:path";

/** "node bin/trainformer.js" from a checkout, "npx trainformer" from a project that has it, else "trainformer". */
export function invocation(path = process.argv[1] ?? "", folder = process.cwd()): string {
  if (/[/\\]node_modules[/\\]/.test(path)) return "npx trainformer";
  return path.endsWith(".js") ? `node ${relative(folder, path)}` : "trainformer";
}
