/** Waiting that an AbortSignal ends. */

/** The promise's result, or the signal's reason as soon as it is aborted. */
export async function untilAborted<T>(result: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return result;
  signal.throwIfAborted();
  const { promise: aborted, release } = rejectionOf(signal);
  try {
    return await Promise.race([result, aborted]);
  } finally {
    release();
  }
}

function rejectionOf(signal: AbortSignal) {
  let abort = () => {};
  const promise = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
  });
  return { promise, release: () => signal.removeEventListener("abort", abort) };
}
