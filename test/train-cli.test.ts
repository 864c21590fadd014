/** `train` with what will not do: one line that says what, where and what to do, status 2, and nothing written. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { data, file, root, tiny, words } from "./small-training.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const paths = {
  DATA: data,
  MISSING: join(root, "missing.txt"),
  EMPTY: file("empty.txt", ""),
  BINARY: file("binary.txt", "hello\0world"),
  LATIN: file("latin.txt", Buffer.from(`caf\u00e9 ${words(50)}`, "latin1")),
  FOLDER: join(root, "folder"),
  SHORT: file("short.txt", "too short"),
  NOT_JSON: file("not.json", "words"),
  BELOW: join(data, "run"), // below a file, where not even the superuser may write
};
mkdirSync(paths.FOLDER);

/** Lines of "flags" and what is said; a word in capitals stands for its path. */
const mistakes: readonly (readonly [flags: string, says: string])[] = [
  ["", "--data is missing; name the text to train on: --data book.txt"],
  ["--data MISSING", "MISSING: there is no such file (it was looked for at MISSING)"],
  ["--data EMPTY", "EMPTY: is empty; name a file with text in it"],
  ["--data DATA EMPTY", "EMPTY: is empty; name a file with text in it"],
  ["--data BINARY", "BINARY: holds a NUL byte at position 5, so it is binary data; name a text file"],
  ["--data LATIN", "LATIN: byte 0xe9 at position 3 is not utf-8; give the file's own encoding, such as windows-1252"],
  ["--data FOLDER", "FOLDER: is a folder; name the files in it"],
  [
    "--data SHORT",
    "train: 8 of the text's 9 tokens, but a block of 16 and the token after it need 17; use more text, a",
  ],
  [
    "--data DATA --validation SHORT",
    "validation: the text has 9 tokens, but a block of 16 and the token after it need",
  ],
  ["--data DATA --validation 0.0001", "validation: 2 of the text's"],
  ["--data DATA --validation 1.5", '--validation: "1.5" is neither a file nor a fraction in [0, 1)'],
  ["--data DATA --validation FOLDER", '--validation: "FOLDER" is neither a file nor a fraction in [0, 1)'],
  ["--data DATA --validation=", '--validation: "" is neither a file nor a fraction in [0, 1)'],
  ["--data DATA --validation BINARY", "BINARY: holds a NUL byte at position 5"],
  ["--data DATA --encoding klingon", 'encoding "klingon" is not known here; try utf-8, utf-16le or windows-1252'],
  ["--data DATA --task cooking", "argument 'cooking' is invalid. Allowed choices are language-modeling"],
  ["--data DATA --model gtp2", 'model: there is no type "gtp2"; did you mean "gpt2"?'],
  ["--data DATA --model ngrm", 'model: there is no type "ngrm"; did you mean "ngram"? There are openai-gpt, gpt2,'],
  ["--data DATA --model zzzzzz", "seq2seq, ngram, or a model folder"],
  ["--data DATA --modle gpt2", "unknown option '--modle'; did you mean --model?"],
  ["--data DATA --set n_layers=1", '--set: gpt2 has no setting "n_layers"; did you mean n_layer?'],
  [
    "--data DATA --model lstm --cell gru",
    "--cell says nothing to language-modeling; a recurrent language model is chosen by its type: --model lstm",
  ],
  ["--data DATA --set n_head=3", "gpt2: n_embd 16 is not a multiple of n_head 3"],
  ["--data DATA --set n_layer=0", 'gpt2: "n_layer" is 0, but must be a whole number from 1 to 10000'],
  ["--data DATA --set n_embd=2000000", "GB; choose smaller sizes"],
  ["--data DATA --set n_positions=8", "gpt2: n_positions is 8, but rows of 16 tokens are asked for; make the block"],
  ["--data DATA --set vocab_size=5", "gpt2: vocab_size is 5, but the tokenizer has"],
  ["--data DATA --model-config NOT_JSON", 'NOT_JSON:1:1: expected a JSON value, but found "w"'],
  ["--data DATA --dropout 1", '"embd_pdrop" is 1, but must be a number in [0, 1)'],
  ["--data DATA --learning-rate -1", "argument '-1' is invalid. It must be a number ≥ 0"],
  ["--data DATA --min-learning-rate 1", "training: minLearningRate 1 is above learningRate 0.001"],
  ["--data DATA --max-steps 0", "argument '0' is invalid. It must be a whole number ≥ 1"],
  ["--data DATA --max-steps 5 --warmup-steps 6", "training: warmupSteps 6 is more than maxSteps 5"],
  ["--data DATA --epochs 1e300", "steps, which nobody can count"],
  ["--data DATA --batch-size 1e9", "and 134217728 is the most; use a smaller batch size"],
  ["--data DATA --validation 0 --early-stopping-patience 1", "training: earlyStoppingPatience is given, but no valid"],
  ["--data DATA --optim lion", "argument 'lion' is invalid. Allowed choices are adamw, adam, sgd"],
  ["--data DATA --prompt Zebra --sample-steps 1", 'charTokenizer: the character "Z" (U+005A) at position 0 is not in'],
  ["--data DATA --tokenizer FOLDER", "FOLDER/tokenizer.json: there is no such file; is this the folder of a model"],
  ["--data DATA --tokenizer DATA", "DATA/tokenizer.json: there is no such file; is this the folder of a model"],
  ["--data DATA --model FOLDER", "model: FOLDER is no model folder: there is no FOLDER/config.json"],
  ["--data DATA --device webgpu", "device: webgpu does not work in Node; use cpu or wasm"],
  ["--data DATA --resume --overwrite", "--resume and --overwrite exclude each other"],
  ["--data DATA --out DATA", "DATA: is a file; --out must be a folder"],
  ["--data DATA --out BELOW", "BELOW: a part of this path is not a folder"],
  ["--data DATA --out=", "--out is empty; name a folder"],
];

const withPaths = (text: string) => text.replace(/[A-Z_]{4,}/g, (word) => paths[word as keyof typeof paths] ?? word);

describe.concurrent("trainformer train", () => {
  test.each(mistakes)("%s", async (flags, says) => {
    const out = join(root, `run-${mistakes.findIndex(([other]) => other === flags)}`);
    const given = withPaths(flags).split(" ").filter(Boolean);
    const { status, stdout, stderr } = await trainformer(["train", ...tiny, "--out", out, ...given]);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error: [^\n]+\n$/),
    });
    expect(stderr).toContain(withPaths(says));
    expect(existsSync(out)).toBe(false);
  });

  test("with --json the mistake is one event, and still one line for people", async () => {
    const ended = await trainformer(["train", ...tiny, "--data", paths.MISSING, "--json"]);
    const message = `${paths.MISSING}: there is no such file (it was looked for at ${paths.MISSING})`;
    expect(jsonLines(ended)).toEqual([{ event: "error", message }]);
    expect(ended).toMatchObject({ status: 2, stderr: `error: ${message}\n` });
  });
});

test("all of that left nothing behind", () => {
  expect(readdirSync(root).filter((name) => name.startsWith("run"))).toEqual([]);
  expect(readdirSync(paths.FOLDER)).toEqual([]);
});
