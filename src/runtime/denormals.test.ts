/** In processes of their own: whose session is the first decides. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const module = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../dist/src/${path}`, import.meta.url)));

/** What a process prints that runs `code` in a worker, and first `before` in its main thread. */
function inWorker(code: string, before = ""): unknown {
  const worker = `
    import { parentPort } from "node:worker_threads";
    import { areFlushed, flushDenormals } from ${module("runtime/denormals.js")};
    ${code}`;
  const main = `
    import { Worker } from "node:worker_threads";
    import { areFlushed, flushDenormals } from ${module("runtime/denormals.js")};
    ${before}
    const url = "data:text/javascript," + encodeURIComponent(${JSON.stringify(worker.replaceAll('from "/', 'from "file:///'))});
    new Worker(new URL(url)).on("message", (told) => console.log(JSON.stringify({ ...told, here: areFlushed() })));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", main], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const flush = "parentPort.postMessage({ before: areFlushed(), gives: await flushDenormals(), after: areFlushed() });";

test("a worker takes denormal numbers for 0, and the thread that began it does not", () => {
  expect(inWorker(flush)).toEqual({ before: false, gives: true, after: true, here: false });
});

test("where another thread has opened a session before, nothing changes", () => {
  const before = `
    import { openProgram } from ${module("runtime/index.js")};
    import { toOnnx } from ${module("onnx/index.js")};
    import { exp, input } from ${module("tensor/index.js")};
    const x = input([2]);
    await openProgram(toOnnx({ x }, { y: exp(x) }));`;
  expect(inWorker(flush, before)).toEqual({ before: false, gives: false, after: false, here: false });
});

test("a session's own threads do as the one that calls it", () => {
  const told = inWorker(`
    import { openProgram } from ${module("runtime/index.js")};
    import { toOnnx } from ${module("onnx/index.js")};
    import { exp, input } from ${module("tensor/index.js")};
    await flushDenormals();
    const n = 1 << 20;
    const x = input([n]);
    const program = await openProgram(toOnnx({ x }, { y: exp(x) }), { threads: 2 });
    const { y } = await program.run({ x: { dtype: "float32", dims: [n], data: new Float32Array(n).fill(-90) } });
    await program.close();
    parentPort.postMessage({ kept: y.data.filter((v) => v !== 0).length });`);
  expect(told).toEqual({ kept: 0, here: false });
});
