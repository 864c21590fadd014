/** Writes the API documentation to docs/api. Its generator is installed apart, in tools/docs, when it is first asked for. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("docs", import.meta.url));
const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.exit(status ?? 1);
};
if (!existsSync(new URL("docs/node_modules/typedoc", import.meta.url)))
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"]);
run(process.execPath, ["node_modules/typedoc/bin/typedoc", "--options", "typedoc.json"]);
