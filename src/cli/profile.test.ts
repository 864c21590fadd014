import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { data, root, tiny } from "../../test/small-training.ts";
import { jsonLines, trainformer } from "../../test/spawn-cli.ts";

const command = (out: string, more: string) =>
  trainformer(["train", "--data", data, ...tiny, "--max-steps", "2", "--out", out, ...more.split(" ")]);

test("train --profile says what a step costs by layer, then trains, and leaves a page in the run's folder", async () => {
  const out = join(root, "profiled");
  const { status, stdout } = await command(out, "--profile");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^layer +forward +backward +update +ms +share +keeps +parameters\n/);
  expect(stdout).toMatch(/transformer\.h\.\*?\d?\.mlp\.c_fc/);
  expect(readFileSync(join(out, "profile.html"), "utf8")).toContain("<h1>A training step</h1>");
  expect(existsSync(join(out, "model.safetensors"))).toBe(true);
});

test("with --json the profile is one line before the run's", async () => {
  const lines = jsonLines(await command(join(root, "profiled-json"), "--profile --precision int8 --json"));
  expect(lines.slice(0, 2).map(({ event }) => event)).toEqual(["profile", "start"]);
  expect(lines[0]).toHaveProperty("layers");
  expect(lines.at(-1)).toMatchObject({ event: "done", step: 2 });
});

test("where the engine has no profile, nothing is trained or written", async () => {
  const out = join(root, "unprofiled");
  expect(await command(out, "--profile --device wasm")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("error: profile: only the device cpu tells its nodes' times, not wasm\n"),
  });
  expect(existsSync(out)).toBe(false);
});
