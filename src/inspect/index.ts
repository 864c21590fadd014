/** Looking inside: what a model costs, and figures of how it learned. */

export * from "./figures/index.ts";
export { flops } from "./flops.ts";
export { liveBytes } from "./live-memory.ts";
export { type Flops, type Memory, type Part, type Summary, summarize } from "./summary.ts";
