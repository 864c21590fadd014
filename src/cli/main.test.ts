/** The command line as a user meets it: help, mistakes, exit statuses, and what goes to which stream. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ended, jsonLines, trainformer } from "../../test/spawn-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trainformer-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** One line, status 2, and nothing on standard output. */
const refused = ({ status, stdout, stderr }: Ended): string => {
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^error: .*\n$/);
  return stderr.slice("error: ".length, -1);
};

describe.concurrent("mistakes are told in one line, with the remedy, and status 2", () => {
  const mistakes: readonly (readonly [args: string, says: string])[] = [
    ["sumary gpt2", "unknown command 'sumary'; did you mean summary?"],
    ["xyzzy", `unknown command 'xyzzy'; see "trainformer --help"`],
    ["summary gpt2 --batchsize 2", "unknown option '--batchsize'; did you mean --batch-size?"],
    ["summary gpt2 --thread 2", "unknown option '--thread'; did you mean --threads?"],
    ["summary", `missing required argument 'model'; see "trainformer summary --help"`],
    [
      "summary gpt2 more",
      `too many arguments for 'summary'. Expected 1 argument but got 2; see "trainformer summary --help"`,
    ],
    [
      "summary gpt2 --threads two",
      "option '--threads <n>' argument 'two' is invalid. It must be a whole number from 1 to 1024",
    ],
    [
      "summary gpt2 --seed -1",
      "option '--seed <n>' argument '-1' is invalid. It must be a whole number from 0 to 4294967295",
    ],
    [
      "summary gpt2 --device gpu",
      "option '--device <name>' argument 'gpu' is invalid. Allowed choices are cpu, wasm, webgpu",
    ],
    ["doctor --device webgpu", "device: webgpu does not work in Node; use cpu or wasm"],
    ["summary gtp2", `model: there is no type "gtp2"; did you mean "gpt2"?`],
    ["summary nobody/nothing", "model: nobody/nothing is no model folder: there is no nobody/nothing/config.json"],
    [
      "summary distilbert --set intermediate_size=4",
      '--set: distilbert has no setting "intermediate_size"; it has vocab_size',
    ],
    ["summary gpt2 --set n_layers=4", '--set: gpt2 has no setting "n_layers"; did you mean n_layer?'],
    ["summary gpt2 --set n_layer", `--set: "n_layer" is not name=value; write --set n_layer=4 n_embd=128`],
    ["summary gpt2 --set n_head=5", "gpt2: n_embd 768 is not a multiple of n_head 5"],
    ["summary gpt2 --set n_layer=many", `gpt2: "n_layer" is "many", but must be a whole number`],
    ["summary gpt2 --model-config missing.json", "missing.json"],
    ["summary gpt2 --block-size 2000", "gpt2: 2000 positions > 1024, the most it can take"],
    [
      "summary gpt2 --task cooking",
      `gpt2: it has no head for the task "cooking"; it has heads for language-modeling, `,
    ],
    ["verify nowhere", "nowhere: there is no such folder"],
    [
      "verify . --only outputs,",
      "option '--only <names>' argument 'outputs,' is invalid. It must be names with commas between them",
    ],
    ["verify . --tolerance 0", "option '--tolerance <x>' argument '0' is invalid. It must be a number > 0"],
    [
      "compare bert --out x.svg",
      "--out: it takes runs' curves; architectures are compared in the terminal; leave --out",
    ],
    ["compare nowhere", "nowhere"],
  ];
  test.each(mistakes)("trainformer %s", async (args, says) => {
    expect(refused(await trainformer(args.split(" ")))).toContain(says);
  });
});

describe.concurrent("the command line", () => {
  test("without a command it prints its help where errors go", async () => {
    const { status, stdout, stderr } = await trainformer([]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("Usage: trainformer [options] [command]");
  });

  test("--version and --help print to standard output", async () => {
    expect(await trainformer(["--version"])).toEqual({ status: 0, stdout: "0.1.0\n", stderr: "" });
    for (const command of ["verify", "summary", "compare", "doctor"]) {
      const { status, stdout, stderr } = await trainformer([command, "--help"]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      for (const words of [`Usage: trainformer ${command}`, "--json", "--threads <n>", "Example"])
        expect(stdout).toContain(words);
    }
  });

  test("global options may stand before or after the command", async () => {
    const [before, after] = await Promise.all([
      trainformer(["--json", "summary", "gpt2"]),
      trainformer(["summary", "gpt2", "--json"]),
    ]);
    expect(before.status).toBe(0);
    expect(before.stdout).toBe(after!.stdout);
  });

  test("with --json an error is also an event on standard output", async () => {
    const ended = await trainformer(["summary", "gpt2", "--sett", "n_layer=4", "--json"]);
    expect(ended.status).toBe(2);
    expect(jsonLines(ended)).toEqual([
      { event: "error", message: "unknown option '--sett'", remedy: "did you mean --set?" },
    ]);
    expect(ended.stderr).toBe("error: unknown option '--sett'; did you mean --set?\n");
  });

  test("where an error comes from is told with --debug only", async () => {
    const { stderr, status } = await trainformer(["summary", "gtp2", "--debug"]);
    expect(status).toBe(2);
    expect(stderr).toContain("\n    at ");
  });

  test("colours are left out where nobody looks, and where NO_COLOR says so", async () => {
    for (const env of [{}, { NO_COLOR: "1" }])
      expect((await trainformer(["summary", "gpt2"], { env })).stdout).not.toContain("\u001b");
  });

  test("Ctrl-C ends a command with status 130", async () => {
    const { status, stderr } = await trainformer(["doctor"], {
      during: (child) =>
        child.stderr!.on("data", (text: string) => {
          if (text.includes("measuring")) setTimeout(() => child.kill("SIGINT"), 100);
        }),
    });
    expect(status).toBe(130);
    expect(stderr).toMatch(/interrupted\n$/);
  });
});

describe.concurrent("summary", () => {
  const small = ["summary", "gpt2", "--set", "n_layer=4", "n_head=4", "--set", "n_embd=96", "n_embd=128"];

  test("gives parameters, memory and operations as one JSON object; the last setting wins", async () => {
    const [summary, ...others] = jsonLines(
      await trainformer([...small, "vocab_size=65", "n_positions=64", "--batch-size", "12", "--json"]),
    );
    expect(others).toEqual([]);
    expect(summary).toMatchObject({ model_type: "gpt2", parameters: 809_856, trainable: 809_856, batch: 12, time: 64 });
    expect(summary!["parts"]).toContainEqual({ name: "transformer.wte.weight", shape: [65, 128], parameters: 8320 });
    expect(summary!["memory"]).toMatchObject({ parameters: 4 * 809_856, optimizer: 8 * 809_856 });
  });

  test("folds repeated layers for people", async () => {
    const { stdout } = await trainformer(small);
    expect(stdout).toMatch(/transformer\.h\.0-3\.mlp\.c_fc\.weight +4 x +128 x 512 +262,144/);
    expect(stdout).toMatch(/a training step, 1 x 1,024 .* GFLOP/);
  });

  test("reads settings from a file, and a folder's configuration without its weights", async () => {
    const file = join(folder, "small.json");
    writeFileSync(file, JSON.stringify({ n_layer: 2, n_embd: 48, n_head: 4 }));
    const [fromFile] = jsonLines(await trainformer(["summary", "gpt2", "--model-config", file, "--json"]));
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ model_type: "gpt2", n_layer: 2, n_embd: 48, n_head: 4 }),
    );
    const [fromFolder] = jsonLines(await trainformer(["summary", folder, "--json"]));
    expect(fromFolder).toEqual(fromFile);
  });
});

test("doctor tells the machine, the devices and the choice", async () => {
  const [report] = jsonLines(await trainformer(["doctor", "--no-speed", "--json"]));
  expect(report).toMatchObject({ node: process.versions.node, device: "cpu", why: "the fastest, and it works here" });
  expect(report!["devices"]).toEqual([
    { device: "cpu", version: "1.30.0", works: true },
    { device: "wasm", version: "1.30.0", works: true },
  ]);
  const { stdout } = await trainformer(["doctor", "--no-speed", "--device", "wasm"]);
  expect(stdout).toMatch(/device +wasm: it is asked for/);
});
