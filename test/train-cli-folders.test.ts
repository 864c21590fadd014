/** `train` with folders that will not do: runs that are there, models that are none; and `generate`, `evaluate` likewise. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { data, file, held, root, tiny } from "./small-training.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const run = join(root, "run");
const changed = (name: string, change: (folder: string) => void): string => {
  const folder = join(root, name);
  cpSync(run, folder, { recursive: true });
  change(folder);
  return folder;
};
const everything = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => [name, statSync(join(folder, name)).mtimeMs]);

beforeAll(async () => {
  const { status, stderr } = await trainformer(["train", ...tiny, "--data", data, "--max-steps", "3", "--out", run]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  changed("without-tokenizer", (folder) => rmSync(join(folder, "tokenizer.json")));
  changed("cut", (folder) => truncateSync(join(folder, "model.safetensors"), 5000));
  changed("not-gpt2", (folder) => writeFileSync(join(folder, "config.json"), "{}"));
}, 60_000);

const path = (name: string) => join(root, name);
const other = file("other.txt", `${readFileSync(data, "utf8")} more`);
const capitals = file("capitals.txt", readFileSync(data, "utf8").toUpperCase());
const prompts = file("prompts.txt", "the\nThe\n");

/** A command's words, and what is said. */
const mistakes: readonly (readonly [words: readonly string[], says: string])[] = [
  [["train", "--data", data, "--out", run], `${run}: holds a run already; --resume goes on with it, --overwrite rep`],
  [["train", "--data", data, "--out", root], `${root}: holds files that are no run's: `],
  [["train", "--data", data, "--resume", "--out", path("new")], "new: holds no run to go on with; leave --resume out"],
  [
    ["train", "--data", other, "--resume", "--out", run, "--batch-size", "8", "--seed", "1"],
    `${run}: --resume with other settings than the run's: data.train[0].name "small.txt" → "other.txt", data.train[0].bytes `,
  ],
  [
    ["train", "--data", other, "--resume", "--out", run],
    `training.maxSteps 3 → 1000; give those it was begun with, or`,
  ],
  [["train", "--data", data, "--max-steps", "3", "--model", run, "--resume", "--out", run], 'base missing → "run"'],
  [
    ["train", "--data", data, "--model", run, "--overwrite", "--out", run],
    `${run}: --overwrite would remove the model that the run begins with; choose another --out`,
  ],
  [
    ["train", "--data", data, "--model", run, "--set", "n_layer=2", "--out", path("new")],
    `${run}: transformer.h.1.ln_1.weight is [16] in the model to train, but not there; a model that goes on from a folder`,
  ],
  [
    ["train", "--data", data, "--model", run, "--set", "n_embd=32", "--out", path("new")],
    "wte.weight is [21, 32] in the model to train, but [21, 16] there",
  ],
  [
    ["train", "--data", data, "--model", run, "--block-size", "32", "--out", path("new")],
    "gpt2: n_positions is 16, but rows of 32 tokens are asked for; make the block smaller",
  ],
  [["train", "--data", capitals, "--model", run, "--out", path("new")], "is not in the vocabulary of 21"],
  [
    ["train", "--data", data, "--model", path("without-tokenizer"), "--out", path("new")],
    "without-tokenizer/tokenizer.json: there is no such file; is this the folder of a model or a tokenizer?",
  ],
  [["train", "--data", data, "--model", path("cut"), "--out", path("new")], "is the file cut off? download it again"],
  [["train", "--data", data, "--model", path("not-gpt2"), "--out", path("new")], 'there is no "model_type"; is this a'],
  [["generate", path("nowhere")], "nowhere: there is no such folder; a model is a folder with config.json and"],
  [["generate", root], `${root}: there is no config.json; is this a model folder?`],
  [["generate", path("cut"), "--prompt", "the"], "is the file cut off? download it again"],
  [["generate", path("without-tokenizer"), "--prompt", "the"], "it has no tokenizer.json, so it cannot read a prompt"],
  [["generate", run, "--prompt", "The"], 'the character "T" (U+0054) at position 0 is not in the vocabulary'],
  [["generate", run, "--file", prompts], 'the character "T" (U+0054) at position 0 is not in the vocabulary'],
  [["generate", run, "--file", path("nowhere")], "nowhere: there is no such file (it was looked for at "],
  [["generate", run, "--file", root], `${root}: is a folder; name the files in it`],
  [["generate", run, "--prompt", "a", "--file", prompts], "--prompt and --file exclude each other"],
  [["generate", run, "--stop", ""], 'generate: stopStrings is [""], but must be a text or a list of texts, none of th'],
  [["generate", run, "--temperature", "0"], "argument '0' is invalid. It must be a number > 0"],
  [["generate", run, "--num-beams", "0"], "argument '0' is invalid. It must be a whole number ≥ 1"],
  [
    ["generate", run, "--length-penalty", "long"],
    "argument 'long' is invalid. It must be a number, or wu: and a number",
  ],
  [["generate", run, "--early-stopping", "soon"], "argument 'soon' is invalid. It must be true, false or never"],
  [
    ["generate", run, "--length-penalty", "2"],
    "generate: lengthPenalty is of a beam search, and numBeams is 1; set numBe",
  ],
  [
    ["generate", run, "--greedy", "--num-return-sequences", "3"],
    "numReturnSequences 3 without sampling gives one text 3 times; set",
  ],
  [
    ["generate", run, "--num-beams", "2", "--num-return-sequences", "3"],
    "generate: numReturnSequences 3 is more than numBeams 2; set numBeams: 3",
  ],
  [
    ["generate", run, "--prompt", "the", "--num-beams", "30", "--max-new-tokens", "1"],
    "generate: numBeams is 30, but 1 new tokens of a vocabulary of 21 make no more than 21 texts; set numBeams to at",
  ],
  [["generate", run, "--device", "webgpu"], "device: webgpu does not work in Node; use cpu or wasm"],
  [["evaluate", run], "--data is missing; name the held-out text: --data book.txt"],
  [["evaluate", run, "--data", path("nowhere")], "nowhere: there is no such file (it was looked for at "],
  [["evaluate", run, "--data", file("short.txt", "the")], "validation: the text has 3 tokens, but a block of 16 and"],
  [["evaluate", run, "--data", held, "--block-size", "17"], `${run}: rows of 17 tokens are asked for, but the model`],
  [["evaluate", run, "--data", held, "--device", "webgpu"], "device: webgpu does not work in Node; use cpu or wasm"],
  [["evaluate", root, "--data", held], `${root}: there is no config.json; is this a model folder?`],
];

describe("each mistake is told in one line, with status 2, and nothing is written", () => {
  let before: unknown;
  beforeAll(() => {
    before = everything(root);
  });
  test.concurrent.each(mistakes)("trainformer %j", async ([command, ...words], says) => {
    const flags = command === "train" ? (words.includes("--model") ? ["--threads", "1"] : tiny) : [];
    const { status, stdout, stderr } = await trainformer([command!, ...flags, ...words]);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error: [^\n]+\n$/),
    });
    expect(stderr).toContain(says);
  });
  test("everything is as it was", () => expect(everything(root)).toEqual(before));
});

test("a run that is done has nothing to go on with, and says so again", async () => {
  const flags = ["--data", data, "--max-steps", "3", "--resume", "--out", run, "--json"];
  const events = jsonLines(await trainformer(["train", ...tiny, ...flags]));
  expect(events.map(({ event, step }) => [event, step])).toEqual([
    ["start", 3],
    ["done", 3],
  ]);
});
