/** Installs what package-lock.json lists, unless it is there already. Works where only the package registry is reachable. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const time = (path) => statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs;
const installed = time("node_modules/.package-lock.json");

if (installed === undefined || installed < time("package-lock.json")) {
  console.error("Installing packages …");
  // onnxruntime-node would download CUDA libraries that nothing here uses; its CPU build is in the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error("setup: npm ci failed; see its message above");
    process.exit(1);
  }
}
