/** The worker's side of `in-worker.ts`: asks for text, chunk by chunk, and learns. */
import { on } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { tokenizerConfig } from "../tokenizer-json.ts";
import { trainTokenizer } from "./kinds.ts";
import type { FromWorker, ToWorker, Work } from "./messages.ts";
import type { TrainingProgress } from "./train.ts";

const { type, options } = workerData as Work;
const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);
const incoming = on(port, "message") as AsyncIterable<[ToWorker]>; // from now on messages queue here

async function* chunks(): AsyncGenerator<string> {
  say({ wants: true });
  for await (const [message] of incoming) {
    if ("end" in message) return;
    yield message.chunk;
    say({ wants: true });
  }
}

const BETWEEN = 50; // milliseconds
let told = 0;
function onProgress(progress: TrainingProgress): void {
  if (performance.now() - told < BETWEEN) return;
  told = performance.now();
  say({ progress });
}

try {
  const tokenizer = await trainTokenizer(type, chunks(), { ...options, onProgress });
  say({ json: tokenizer.toJson(), config: tokenizerConfig(tokenizer.specialTokens) });
} catch (error) {
  say({ error: (error as Error).message });
}
port.close(); // nothing else keeps the worker alive
