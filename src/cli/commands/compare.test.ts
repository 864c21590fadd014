/** `compare`: several runs' curves, and the settings and results that differ. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, trainformer } from "../../../test/spawn-cli.ts";
import { checkXml } from "../../../test/well-formed.ts";
import { differingSettings } from "../compare-settings.ts";

let root: string;
const at = (name: string) => join(root, name);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "trainformer-compare-"));
  writeRun("fast", { training: { learningRate: 0.003, batchSize: 12 }, model: { n_layer: 4 } }, 1);
  writeRun("slow", { training: { learningRate: 0.0003, batchSize: 12 }, model: { n_layer: 4, n_inner: 64 } }, 1.5);
});
afterAll(() => rmSync(root, { recursive: true }));

function writeRun(name: string, settings: object, end: number): void {
  mkdirSync(at(name));
  writeFileSync(join(at(name), "run.json"), JSON.stringify({ format: "trainformer-run-1", settings }));
  const events: object[] = [{ event: "start", step: 0, max_steps: 100 }];
  for (let step = 10; step <= 100; step += 10)
    events.push({ event: "step", step, loss: end + 10 / step, elapsed_ms: 1000 + 600 * step, tokens_per_second: 1280 });
  events.push({ event: "evaluation", step: 100, loss: end + 0.25, metrics: {} });
  const torn = '{"event":"step","st';
  writeFileSync(join(at(name), "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join("") + torn);
}

test("people see the curves, the settings that differ and the results", async () => {
  const { status, stdout } = await trainformer(["compare", at("fast"), at("slow"), "--by", "tokens"]);
  expect(status).toBe(0);
  expect(stdout).toContain("loss by tokens read   ● fast   ◆ slow");
  const rows = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  for (const row of [
    ["training.learningRate", "0.003", "0.0003"],
    ["model.n_inner", "-", "64"],
    ["best validation loss", "1.250 at 100", "1.750 at 100"],
    ["training time", "0:54", "0:54"],
    ["tokens read", "76.8k", "76.8k"],
  ])
    expect(rows).toContainEqual(row);
  expect(stdout).not.toContain("batchSize");
});

test("with --json each run is one object", async () => {
  const lines = jsonLines(await trainformer(["compare", at("fast"), at("slow"), "--json"]));
  expect(lines[1]).toEqual({
    run: at("slow"),
    settings: { "training.learningRate": 0.0003, "model.n_inner": 64 },
    steps: 100,
    seconds: 54,
    tokens: 76_800,
    loss: 1.6,
    best: { step: 100, loss: 1.75 },
  });
});

test("--out writes the figure over steps, time and tokens", async () => {
  const out = at("compare.svg");
  const { stderr } = await trainformer(["compare", at("fast"), at("slow"), "--out", out]);
  expect(stderr).toBe(`saved in ${out}\n`);
  const svg = readFileSync(out, "utf8");
  checkXml(svg);
  for (const words of ["fast", "slow", "step", "training time (seconds)", "tokens read"])
    expect(svg).toContain(`>${words}<`);
});

test("a folder that holds no run, or no step of it, is refused", async () => {
  mkdirSync(at("empty"));
  const missing = await trainformer(["compare", at("fast"), at("empty")]);
  expect(missing).toMatchObject({ status: 2, stdout: "" });
  expect(missing.stderr).toContain(join(at("empty"), "run.json"));
  writeRun("new", {}, 1);
  writeFileSync(join(at("new"), "events.jsonl"), '{"event":"start","step":0}\n');
  const young = await trainformer(["compare", at("new")]);
  expect(young.stderr).toBe(`error: ${at("new")}: no step of this run has been logged\n`);
});

test("settings are compared among any number of runs", () => {
  const runs = [
    { a: 1, b: { c: [1, 2] } },
    { a: 1, b: { c: [1, 3] }, d: "x" },
    { a: 2, b: { c: [1, 2] } },
  ];
  const keys = ["a", "b.c[1]", "d"];
  const found = differingSettings(runs).map((settings) => keys.map((key) => settings.get(key)));
  expect(found).toEqual([
    [1, 2, undefined],
    [1, 3, "x"],
    [2, 2, undefined],
  ]);
  expect(differingSettings([{ a: 1 }])).toEqual([new Map()]);
});
