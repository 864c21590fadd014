/**
 * Training in a worker thread of Node: the caller's event loop stays free, and an aborted training ends at once. The
 * text is read on the caller's side, a chunk at a time, as fast as the worker asks for it. (Node's part is imported on
 * call, so that the room loads in a browser.)
 */
import type { TextSource } from "../chunks.ts";
import { fromJson } from "../from-json.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { checkTrainOptions, type TokenizerType, type TrainTokenizerOptions, trainTokenizer } from "./kinds.ts";
import type { FromWorker, ToWorker, Work } from "./messages.ts";

/**
 * `trainTokenizer` in a worker. Throws what it throws, what the source throws, and the signal's reason once it is aborted;
 * the worker has ended then.
 * @example
 * const book = readText("book.txt");
 * const tokenizer = await trainInWorker("bpe", book, { vocabSize: 8000, signal: AbortSignal.timeout(60_000) });
 */
export async function trainInWorker(
  type: TokenizerType,
  source: TextSource,
  { onProgress, signal, ...options }: TrainTokenizerOptions = {},
): Promise<Tokenizer> {
  signal?.throwIfAborted();
  checkTrainOptions(type, options);
  if (type === "byte") return trainTokenizer(type, source, options); // it needs no text
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(workerFile(), { workerData: { type, options } satisfies Work });
  const iterator = chunksOf(source);
  const answer = async () => {
    const { done, value } = await iterator.next();
    worker.postMessage((done ? { end: true } : { chunk: value }) satisfies ToWorker);
  };
  let abort = () => {};
  try {
    return await new Promise<Tokenizer>((resolve, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort);
      worker.on("error", reject).on("exit", () => reject(new Error("trainInWorker: the worker has ended")));
      worker.on("message", (message: FromWorker) => {
        if ("wants" in message) answer().catch(reject);
        else if ("progress" in message) onProgress?.(message.progress);
        else if ("error" in message) reject(new Error(message.error));
        else resolve(fromJson(message.json, message.config));
      });
    });
  } finally {
    signal?.removeEventListener("abort", abort);
    iterator.return(undefined).catch(() => {}); // not waited for: it may hang in the source
    await worker.terminate();
  }
}

async function* chunksOf(source: TextSource): AsyncGenerator<string> {
  yield* typeof source === "string" ? [source] : source;
}

/** Sources run from TypeScript (tests) have their worker in `dist`, which is built before them. */
const workerFile = () =>
  new URL(
    import.meta.url.endsWith(".ts") ? "../../../dist/src/tokenizers/training/worker.js" : "./worker.js",
    import.meta.url,
  );
