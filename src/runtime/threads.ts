/** How many threads to share a program's work among, where nobody says. */

/**
 * Floating-point operations of one run, below which sharing it costs more than it saves: a GPT's step of 41 million takes
 * 1.42 ms on one thread and 1.51 on two (gpt_tiny's has 315 million), and far more where others use the second core.
 */
const WORTH_SHARING = 5e7;

/** For runs of so many floating-point operations: 1, or 0 for as many as the machine has cores. */
export const threadsFor = (flops: number): number => (flops < WORTH_SHARING ? 1 : 0);
