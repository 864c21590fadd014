/** The worker's side of `remote.ts`: it owns the sessions and the memory, and does what it is asked, in order. */
import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { Flag, type Owner, type Reply, type Request, type Work } from "./messages.ts";
import { openOwner } from "./owner.ts";

const { work, flags } = workerData as { readonly work: Work; readonly flags: Int32Array };
const port = parentPort!;

async function serve(): Promise<void> {
  const requests = on(port, "message"); // from now on messages queue here
  const opening = open();
  opening.catch(() => {}); // told to each caller below
  for await (const [request] of requests as AsyncIterable<[Request]>) {
    if (request.method === "close") break;
    port.postMessage(await answer(opening, request));
  }
  await (await opening.catch(() => undefined))?.close();
}

async function open(): Promise<Owner> {
  if (work.options.device !== "wasm") await (await import("../runtime/denormals.ts")).flushDenormals();
  return openOwner(work);
}

let failed = false;
/** Updates that waited behind one that failed are not done: they would be steps that nobody asked for. */
async function answer(opening: Promise<Owner>, { id, method, args }: Request): Promise<Reply> {
  const isUpdate = method === "update";
  try {
    const owner = await opening;
    if (isUpdate && (failed || Atomics.load(flags, Flag.stop) === 1)) throw new Error("train: stopped");
    const call = owner[method as keyof Owner] as (...args: readonly unknown[]) => Promise<unknown>;
    return { id, result: await call(...args) };
  } catch (error) {
    failed ||= isUpdate;
    const { name, message, stack } = error as Error;
    return { id, error: { name, message, ...(stack !== undefined && { stack }) } };
  }
}

try {
  await serve();
} finally {
  Atomics.store(flags, Flag.closed, 1);
  Atomics.notify(flags, Flag.closed);
  port.close(); // nothing else keeps the worker alive
}
