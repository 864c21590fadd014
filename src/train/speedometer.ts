/** How fast it goes: tokens a second over the steps since the last reading, pauses left out. */
import { performance } from "node:perf_hooks";

export function speedometer(tokensPerStep: number) {
  let steps = 0;
  let since = performance.now();
  let last = 0;
  return {
    /** A step is done. */
    count: () => {
      steps += 1;
    },
    /** Something else than steps took place until now. */
    resume: () => {
      steps = 0;
      since = performance.now();
    },
    read() {
      const now = performance.now();
      if (steps > 0) last = Math.round((1000 * steps * tokensPerStep) / (now - since));
      steps = 0;
      since = now;
      return { tokens_per_second: last, elapsed_ms: Math.round(now) };
    },
  };
}
