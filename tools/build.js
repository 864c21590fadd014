/** Compiles `src` to `dist` when a source has changed since the last time. A checkout's commands call it at every start. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "dist", ".sources");
const lock = join(root, "node_modules", ".trainformer-build");
const PATIENCE = 60_000; // milliseconds to wait for another process that builds

/** Every source with its time and size: equal text, equal build. */
function sources() {
  const lines = [];
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts")) {
        const { mtimeMs, size } = statSync(join(root, path));
        lines.push(`${path} ${mtimeMs} ${size}`);
      }
    }
  };
  for (const folder of ["src", "bench"]) if (statSync(join(root, folder), { throwIfNoEntry: false })) walk(folder);
  return lines.join("\n");
}

function built() {
  try {
    return readFileSync(stamp, "utf8");
  } catch {
    return "";
  }
}

/** `types`: also checks types and writes declarations, as a package needs them. */
export function build({ types = false } = {}) {
  if (!types && built() === sources()) return;
  const started = Date.now();
  while (!locked()) {
    if (Date.now() - started > PATIENCE) rmSync(lock, { recursive: true, force: true }); // its owner was killed
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    if (!types && built() === sources()) return;
  }
  try {
    const now = sources();
    const flags = types ? [] : ["--noCheck", "--declaration", "false"];
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json", ...flags], {
      cwd: root,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}`);
    writeFileSync(stamp, now);
  } finally {
    rmdirSync(lock);
  }
}

function locked() {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ types: true });
