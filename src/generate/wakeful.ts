/** Lets timers and messages through (an abort is one): an engine that never waits would give them no turn. */

const AWAKE = 20; // milliseconds

export function wakeful(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < AWAKE) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
