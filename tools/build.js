/** Compiles `src` to `dist` when a source has changed since the last time. A checkout's commands call it at every start. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "dist", ".sources");
const lock = join(root, "node_modules", ".trainformer-build");
const TYPES = "\nwith declarations";

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

const built = () => readOr(stamp, "");

function readOr(path, fallback) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return fallback;
  }
}

/** `types`: also checks types and writes declarations, as a package needs them. */
export function build({ types = false } = {}) {
  const done = () => built() === `${sources()}${TYPES}` || (!types && built() === sources());
  if (done()) return;
  while (!locked()) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    if (done()) return;
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
    writeFileSync(stamp, types ? `${now}${TYPES}` : now);
  } finally {
    rmSync(lock, { force: true });
  }
}

/** One process builds at a time; a lock whose process is dead is nobody's. */
function locked() {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const owner = readOr(lock, "");
    if (owner !== "" && !isAlive(Number(owner))) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0); // asks only
    return pid > 0;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build({ types: true });
