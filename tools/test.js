/** Types, lint, then all tests; the last line counts them. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const run = (...command) =>
  spawnSync(process.execPath, command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;

const checks = [
  ["types", () => run("node_modules/typescript/bin/tsc", "-p", ".")],
  ["lint", () => run("node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings")],
];
const failed = checks.filter(([, check]) => check() !== 0).map(([name]) => name);
if (failed.length > 0) {
  console.error(`failed: ${failed.join(", ")}`);
  console.log(`0 passed, ${failed.length} failed`);
  process.exit(1);
}
process.exit(run("node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)));
