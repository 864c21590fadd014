/**
 * An owner in a worker thread, called like one here. Long runs of the engine then leave the caller's event loop free.
 * A worker that is ended while the engine runs takes the whole process down, so nobody ends it: it is asked to stop, and
 * a process on its way out waits for the step that is running.
 */
import { Worker } from "node:worker_threads";
import type { Batch } from "../tasks/task.ts";
import { Flag, type Method, type Owner, type Reply, type Request, type Work } from "./messages.ts";

export interface Remote extends Owner {
  /** Let updates that wait in the queue go: each rejects at once. */
  stop(): void;
}

const YOUNG = 4; // MB: a step leaves little to clear away, and V8 would let it pile up to ten times that
const PATIENCE = 10_000; // milliseconds that a process on its way out waits for a step

export function openRemote(work: Work): Remote {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(workerFile(), {
    workerData: { work, flags },
    transferList: arraysOf(work),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
  });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let next = 0;
  let ended: Error | undefined;
  let closing = false;
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  const fail = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on("error", fail).on("exit", () => fail(new Error("train: the worker has ended")));
  worker.on("message", (reply: Reply) => {
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0 && !closing) worker.unref(); // only a caller who waits keeps the process alive
    if ("error" in reply) call?.reject(Object.assign(new Error(reply.error.message), reply.error));
    else call?.resolve(reply.result);
  });
  worker.unref();

  const post = (method: Request["method"], args: readonly unknown[], transfer: readonly ArrayBuffer[] = []) => {
    if (ended) return Promise.reject(ended);
    const id = next++;
    worker.ref();
    worker.postMessage({ id, method, args } satisfies Request, transfer);
    return new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
  const call = <M extends Method>(method: M, ...args: Parameters<Owner[M]>) =>
    post(method, args) as ReturnType<Owner[M]>;

  const leave = () => {
    Atomics.store(flags, Flag.stop, 1);
    worker.postMessage({ id: -1, method: "close", args: [] } satisfies Request);
    Atomics.wait(flags, Flag.closed, 0, PATIENCE);
  };
  process.once("exit", leave);

  return {
    update: (batches, at) => post("update", [batches, at], batches.flatMap(buffersOf)) as ReturnType<Owner["update"]>,
    evaluate: (batch) => post("evaluate", [batch], buffersOf(batch)) as Promise<number>,
    ready: () => call("ready"),
    sample: (...args) => call("sample", ...args),
    write: (...args) => call("write", ...args),
    save: (...args) => call("save", ...args),
    load: (...args) => call("load", ...args),
    saveWeights: (...args) => call("saveWeights", ...args),
    weights: () => call("weights"),
    probe: (...args) => call("probe", ...args),
    stop: () => Atomics.store(flags, Flag.stop, 1),
    async close() {
      if (!ended) {
        closing = true; // an answer to what was asked before comes first
        worker.ref();
        worker.postMessage({ id: -1, method: "close", args: [] } satisfies Request);
        await exited;
      }
      process.off("exit", leave);
    },
  };
}

/** Sources run from TypeScript (tests) have their worker in `dist`, which is built before them. */
const workerFile = () =>
  new URL(import.meta.url.endsWith(".ts") ? "../../dist/src/train/worker.js" : "./worker.js", import.meta.url);

/** A view of a whole buffer moves to the worker; part of a larger one is copied. */
const buffersOf = (batch: Batch): ArrayBuffer[] => [
  ...new Set(
    Object.values(batch)
      .filter(({ data }) => data.byteLength === data.buffer.byteLength)
      .map(({ data }) => data.buffer as ArrayBuffer),
  ),
];

const arraysOf = ({ initial }: Work): ArrayBuffer[] =>
  initial.from === "arrays" ? Object.values(initial.arrays).map(({ buffer }) => buffer as ArrayBuffer) : [];
