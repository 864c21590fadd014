import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const elsewhere = mkdtempSync(join(tmpdir(), "package-"));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const run = (command: string, args: readonly string[], cwd = elsewhere) =>
  spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000 });

/** The packed package in an empty project, with its dependencies linked: no network. */
beforeAll(() => {
  const packed = run("npm", ["pack", "--pack-destination", elsewhere, "--loglevel", "error"], root);
  expect({ status: packed.status, stderr: packed.stderr }).toMatchObject({ status: 0 });
  const tarball = readdirSync(elsewhere).find((name) => name.endsWith(".tgz"))!;
  const modules = join(elsewhere, "node_modules");
  mkdirSync(join(modules, "trainformer"), { recursive: true });
  run("tar", ["-xzf", tarball, "-C", join(modules, "trainformer"), "--strip-components=1"]);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies: object };
  for (const name of [...Object.keys(dependencies), "@types/node"]) {
    mkdirSync(join(modules, name, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(elsewhere, "package.json"), '{ "type": "module" }');
}, 180_000);

const program = `
import { charTokenizer, gpt2, languageModeling, train } from "trainformer";
const text = "abcdefgh".repeat(60);
const losses = [];
for await (const event of train({
  model: gpt2({ n_layer: 1, n_head: 2, n_embd: 16 }),
  tokenizer: charTokenizer(text),
  task: languageModeling({ blockSize: 8 }),
  data: { train: text },
  training: { maxSteps: 5, loggingSteps: 1 },
  out: "run",
}))
  if (event.event === "step") losses.push(event.loss);
console.log(losses.length);
`;

test("installed elsewhere, it trains five steps from plain JavaScript", () => {
  writeFileSync(join(elsewhere, "program.js"), program);
  const { status, stdout, stderr } = run(process.execPath, ["program.js"]);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "5\n", stderr: "" });
}, 60_000);

test("installed elsewhere, its types serve a strict program", () => {
  const typed = program.replace("const losses = [];", "const losses: number[] = [];");
  writeFileSync(join(elsewhere, "program.ts"), typed);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const flags = [
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--lib",
    "esnext",
    "--noEmit",
    "--types",
    "node",
  ];
  const { status, stdout } = run(process.execPath, [tsc, ...flags, "program.ts"]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
}, 60_000);

test("installed elsewhere, the command line runs", () => {
  const bin = join(elsewhere, "node_modules/trainformer/bin/trainformer.js");
  const { status, stdout } = run(process.execPath, [
    bin,
    "generate",
    "run",
    "--prompt",
    "abc",
    "--json",
    "--max-new-tokens",
    "5",
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ prompt: "abc", tokens: 5 });
}, 60_000);
