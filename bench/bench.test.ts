import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cases } from "../src/cli/cases.ts";
import { disagreement, type Line, lineOf } from "./compare.ts";
import { findTorch, type Run } from "./side.ts";

const TOOL = fileURLToPath(new URL("../tools/bench.js", import.meta.url));
function bench(args: string, env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, ...args.split(" ")], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test.each([
  [
    "gpt_huge",
    `bench: there is no case "gpt_huge" yet; there are gpt_tiny, gpt_cpu, gpt_baby, gpt_wide, lstm_char, lstm_512, nmt_gru, bert_mini, minilm, bert_base`,
  ],
  [
    "gpt_tiny --precision fp4",
    "option '--precision <name>' argument 'fp4' is invalid. Allowed choices are float32, int8",
  ],
  ["gpt_tiny --pear torch", "unknown option '--pear'; did you mean --peer?"],
  ["gpt_tiny --pairs 0", "option '--pairs <n>' argument '0' is invalid. It must be a whole number ≥ 1"],
])("%s is refused", (args, says) => {
  expect(bench(args)).toEqual({ status: 2, stdout: "", stderr: `error: ${says}\n` });
});

const run = (ms: number, more: Partial<Run> = {}): Run => ({ side: "x 1", ms, loss: 2, rss: 1e6, startup: 5, ...more });

test("the ratio is the median of the pairs', not the ratio of the medians", () => {
  const pairs = [
    [run(10), run(20)],
    [run(100), run(110)],
    [run(30), run(45)],
  ] as const;
  expect(lineOf("gpt_tiny", pairs)).toEqual({
    ...{ case: "gpt_tiny", ours_ms: 30, peer_ms: 45, ratio: 1.5, peer: "x 1", ours_loss: 2, peer_loss: 2 },
  });
  expect(lineOf("gpt_tiny", pairs, { memory: true, startup: true })).toMatchObject({
    ...{ ours_rss: 1e6, peer_rss: 1e6, ours_startup_ms: 5, peer_startup_ms: 5 },
  });
});

test("losses that differ by more than rounding are told with their numbers", () => {
  const line = (ours_loss: number, peer: string): Line => ({
    ...{ case: "gpt_tiny", ours_ms: 1, peer_ms: 1, ratio: 1, peer, ours_loss, peer_loss: 2 },
  });
  const { gpt_tiny } = cases;
  expect(disagreement(line(2.0001, "torch 2.15"), gpt_tiny!)).toBeUndefined();
  expect(disagreement(line(2.01, "torch 2.15 bf16"), gpt_tiny!)).toBeUndefined();
  expect(disagreement(line(2.01, "torch 2.15"), gpt_tiny!, "int8")).toBeUndefined();
  expect(disagreement(line(2.001, "torch 2.15"), gpt_tiny!)).toBe(
    "bench: gpt_tiny: after 100 steps the loss is 2.001 here and 2 in torch 2.15: 5.0e-4 apart, more than 0.0001",
  );
});

test("without a peer a case still has its line, which says why there is none", () => {
  const { status, stdout } = bench("gpt_tiny --peer torch --pairs 1 --threads 1 --memory --json", {
    PYTHON: "no-python",
  });
  const line = JSON.parse(stdout) as Line;
  expect(stdout).toBe(`${JSON.stringify(line)}\n`);
  expect(status).toBe(0);
  expect(line).toMatchObject({
    case: "gpt_tiny",
    peer: null,
    peer_ms: null,
    ratio: null,
    why: "there is no no-python",
  });
  expect(line.ours_ms).toBeGreaterThan(0);
  expect(line.ours_loss).toBeLessThan(Math.log(65)); // it has learned the batch a little
  expect(line.ours_rss).toBeGreaterThan(1e7);
});

test.skipIf("missing" in findTorch())(
  "PyTorch's loss after the same steps is ours (needs torch)",
  { timeout: 120_000 },
  () => {
    const { status, stdout, stderr } = bench("gpt_tiny --peer torch --pairs 1 --threads 1 --startup --json");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const line = JSON.parse(stdout) as Required<Line>;
    expect(line.peer).toMatch(/^torch \d/);
    expect(line.ratio).toBeCloseTo(line.peer_ms! / line.ours_ms, 2);
    expect(line.peer_startup_ms).toBeGreaterThan(0);
  },
);
