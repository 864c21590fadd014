/**
 * Two programs that take turns in one process, the gradients and the evaluation of gpt_cpu, each beside itself alone. If
 * their threads fight (spinning while they wait), each is slower in turns; they should be within 5 %.
 */
import { performance } from "node:perf_hooks";
import { batchOf, cases, median } from "../src/cli/cases.ts";
import { table } from "../src/cli/ui/table.ts";
import { openProgram, type Program } from "../src/runtime/program.ts";
import { names } from "../src/train/plan.ts";
import { stepOf } from "./step.ts";

const ROUNDS = 40;
const BLOCK = 10; // runs of one kind before the other kind: noise of the machine meets both alike

export async function run(threads: number): Promise<void> {
  const given = cases["gpt_cpu"]!;
  const { plan, evaluation, weights } = stepOf(given);
  const batch = Object.fromEntries(Object.entries(batchOf(given)).map(([name, x]) => [names.batch(name), x]));
  await using gradients = await openProgram(plan.gradients, { threads });
  await using inference = await openProgram(evaluation, { threads });
  const time = async (program: Program) => {
    const start = performance.now();
    await program.run({ ...weights, ...batch });
    return performance.now() - start;
  };
  const alone: [number[], number[]] = [[], []];
  const inTurns: [number[], number[]] = [[], []];
  for (let i = 0; i < ROUNDS; i += BLOCK) {
    for (const [k, program] of [gradients, inference].entries())
      for (let n = 0; n <= BLOCK; n++) {
        const ms = await time(program);
        if (n > 0) alone[k]!.push(ms); // the first comes after the other program
      }
    for (let n = 0; n < BLOCK; n++)
      for (const [k, program] of [gradients, inference].entries()) inTurns[k]!.push(await time(program));
  }
  const rows = ["gradients", "evaluation"].map((name, k) => {
    const [a, b] = [median(alone[k]!), median(inTurns[k]!)];
    return [name, `${a.toFixed(2)} ms`, `${b.toFixed(2)} ms`, (b / a).toFixed(3)];
  });
  console.log(table([["gpt_cpu", "alone", "in turns", "ratio"], ...rows], "lrrr"));
}
