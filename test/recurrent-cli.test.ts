/** Recurrent and n-gram language models as people type them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { trainformer } from "./spawn-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recurrent-cli-"));
  writeFileSync(join(folder, "book.txt"), "the cat sat on the mat and the rat sat on the cat. ".repeat(60));
});
afterAll(() => rmSync(folder, { recursive: true }));

const lines = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("an LSTM with its state carried is trained, inspected and goes on from a prompt", {
  timeout: 120_000,
}, async () => {
  const out = join(folder, "lstm");
  const sizes = ["--set", "hidden_size=8", "embedding_size=4", "num_layers=1", "forget_bias=1"];
  const size = ["--carry-state", "--block-size", "8", "--batch-size", "4", "--max-steps", "12", "--save-steps", "6"];
  const trained = await trainformer([
    ...["train", "--data", join(folder, "book.txt"), "--model", "lstm", ...sizes, ...size],
    ...["--out", out, "--json", "--threads", "1"],
  ]);
  expect(trained.stderr).toBe("");
  const done = lines(trained.stdout).at(-1);
  expect(done.event).toBe("done");
  expect(done.baselines["5-gram (Kneser-Ney)"]).toBeLessThan(1);
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain("validation loss of a 5-gram (Kneser-Ney)");

  const inspected = await trainformer([
    "inspect",
    out,
    "--text",
    "the cat sat",
    "--gradient-through-time",
    "--activity",
    "--json",
  ]);
  const [gradient, activity] = lines(inspected.stdout);
  expect(gradient.curves.map(({ name }: { name: string }) => name)).toEqual([
    ...["before training", "step 6", "step 12, as saved"],
  ]);
  expect(gradient.curves[0].steps).toEqual([1, 2, 4, 8, 11]);
  expect(Object.keys(activity.means)).toContain("rnn.l0.forget_gate");
  for (const name of ["gradient-through-time.svg", "activity.svg"]) expect(existsSync(join(out, name))).toBe(true);
  const page = join(folder, "activity.html");
  await trainformer(["inspect", out, "--text", "the cat", "--activity", "--out", page]);
  expect(readFileSync(page, "utf8")).toMatch(/^<!doctype html>[\s\S]*<p class="quiet">the cat<\/p>\n<svg /);

  const generated = await trainformer(["generate", out, "--prompt", "the", "--max-new-tokens", "5", "--json"]);
  expect(lines(generated.stdout)[0]).toMatchObject({ prompt: "the", tokens: 5 });
  const evaluated = await trainformer(["evaluate", out, "--data", join(folder, "book.txt"), "--json"]);
  expect(lines(evaluated.stdout)[0].loss).toBeGreaterThan(0);
});

test("a step's time and memory are told by length, for one model or several", { timeout: 120_000 }, async () => {
  const [lstm, gpt2] = [join(folder, "cost-lstm"), join(folder, "cost-gpt2")];
  const train = (...args: string[]) =>
    trainformer(["train", "--data", join(folder, "book.txt"), "--block-size", "8", "--max-steps", "1", ...args]);
  await train("--model", "lstm", "--set", "hidden_size=8", "embedding_size=4", "num_layers=1", "--out", lstm);
  await train("--model", "gpt2", "--set", "n_layer=1", "n_head=1", "n_embd=8", "n_positions=16", "--out", gpt2);
  const says = (...args: string[]) => trainformer(["inspect", lstm, "--step-cost", ...args]);

  const page = join(folder, "cost.html");
  const both = await says(
    "--beside",
    gpt2,
    "--lengths",
    "8,16,8",
    "--lengths",
    "4",
    "--threads",
    "2",
    "--out",
    page,
    "--json",
  );
  expect(both.status).toBe(0);
  const [{ figure, path, threads, models }] = lines(both.stdout);
  expect({ figure, path, threads }).toEqual({ figure: "step-cost", path: page, threads: [1, 2] });
  expect(readFileSync(page, "utf8")).toContain("What a training step costs");
  expect(models.map(({ name }: { name: string }) => name)).toEqual(["cost-lstm", "cost-gpt2"]);
  for (const { parameters, costs } of models) {
    expect(parameters).toBeGreaterThan(100);
    expect(costs.map(({ time }: { time: number }) => time)).toEqual([4, 8, 16]);
    for (const { ms, activations } of costs) {
      expect(ms).toHaveLength(2);
      expect(Math.min(...ms, activations)).toBeGreaterThan(0);
    }
  }
  const inARow = models.map(({ costs }: { costs: { in_a_row: number }[] }) => costs.map((cost) => cost.in_a_row));
  expect(inARow[0][2] - inARow[0][1]).toBe(2 * 8); // once on, once back
  expect(new Set(inARow[1]).size).toBe(1);

  const alone = await says("--lengths", "4", "--threads", "1");
  expect(alone.stdout).toMatch(/tokens +ms, 1 thread +memory +in a row\ncost-lstm \(\S+\) +4 /);
  expect(existsSync(join(lstm, "step-cost.svg"))).toBe(true);
  const wasm = await says("--lengths", "4", "--device", "wasm", "--json");
  expect(lines(wasm.stdout)[0].threads).toEqual([1]); // as many as it has
  for (const [args, message] of [
    [["--beside", gpt2, "--lengths", "32"], "step cost: gpt2: 32 positions > 16, the most it can take"],
    [["--lengths", "4,1"], "1"],
    [["--lengths", "8,,9"], "It must be a whole number ≥ 2"],
    [["--out", "cost.png"], "--out: cost.png is no name of a figure; end it in .svg, .html or .htm"],
    [["--beside", join(folder, "nowhere")], "nowhere"],
  ] as const) {
    const wrong = await says(...args);
    expect(wrong.stderr).toContain(message);
    expect(wrong.status).toBe(2);
  }
  const activity = (...args: string[]) => trainformer(["inspect", lstm, "--activity", "--text", "the", ...args]);
  expect((await activity("--lengths", "4")).stderr).toContain(
    "--lengths says nothing without --step-cost; add it, or leave this out",
  );
  expect((await activity("--target", "a")).stderr).toContain(
    "--target says nothing without --alignment; add it, or leave this out",
  );
  expect((await says("--text", "the")).stderr).toContain("--text says nothing to --step-cost; leave it out");
  expect((await activity("--beside", gpt2)).stderr).toContain(
    "--beside says nothing without --gradient-through-time or --step-cost; add one, or leave this out",
  );
});

test("the gradients of several models are shown side by side", { timeout: 120_000 }, async () => {
  const folders = ["rnn", "gru"].map((model) => join(folder, `beside-${model}`));
  const words = join(folder, "beside-words");
  const train = (out: string, model: string, ...args: string[]) =>
    trainformer([
      ...["train", "--data", join(folder, "book.txt"), "--model", model, "--set", "hidden_size=8", "--out", out],
      ...["--block-size", "8", "--max-steps", "2", "--threads", "1", ...args],
    ]);
  await train(folders[0]!, "rnn");
  await train(folders[1]!, "gru");
  await train(words, "rnn", "--tokenizer", "word");
  const says = (...beside: string[]) =>
    trainformer([
      ...["inspect", folders[0]!, "--text", "the cat sat", "--gradient-through-time", "--json"],
      ...["--beside", ...beside],
    ]);
  const [{ curves }] = lines((await says(folders[1]!)).stdout);
  expect(curves.map(({ name }: { name: string }) => name)).toEqual(
    ["beside-rnn", "beside-gru"].flatMap((name) => [`${name}, before training`, `${name}, as saved`]),
  );
  const other = await says(words);
  expect(other.stderr).toContain(
    `--beside: the text is 11 tokens to ${folders[0]}, but 3 to ${words}; compare models that read the same tokens`,
  );
  expect(other.status).toBe(2);
});

test("an n-gram model is counted, scored and drawn from", { timeout: 120_000 }, async () => {
  const out = join(folder, "ngram");
  const data = join(folder, "book.txt");
  const trained = await trainformer([
    "train",
    "--data",
    data,
    "--model",
    "ngram",
    "--set",
    "order=4",
    "--out",
    out,
    "--json",
  ]);
  const [start, evaluation, done] = lines(trained.stdout);
  expect(start).toMatchObject({ event: "start", model: "ngram", task: "language-modeling" });
  expect(evaluation.loss).toBeLessThan(0.5);
  expect(done).toMatchObject({ event: "done", best: { loss: evaluation.loss }, path: out });
  expect(evaluation.losses_by_order).toHaveLength(4);
  expect(evaluation.losses_by_order[3]).toBe(evaluation.loss);
  expect(readFileSync(join(out, "loss.svg"), "utf8")).toContain("n-gram models by their order");
  const evaluated = await trainformer(["evaluate", out, "--data", data, "--json"]);
  expect(lines(evaluated.stdout)[0].loss).toBeLessThan(0.5);
  const generated = await trainformer([
    "generate",
    out,
    "--prompt",
    "the ",
    "--max-new-tokens",
    "20",
    "--json",
    "--seed",
    "1",
  ]);
  const { text, tokens } = lines(generated.stdout)[0];
  expect(tokens).toBe(20);
  expect(text).toMatch(/^[a-z. ]{20}$/);
  const wrong = await trainformer([
    "train",
    "--data",
    data,
    "--model",
    "ngram",
    "--set",
    "n=4",
    "--out",
    join(folder, "x"),
  ]);
  expect(wrong.stderr).toContain(
    '--set: ngram has no setting "n"; there are order, smoothing (kneser-ney, add-k) and k',
  );
  const unread = await trainformer([
    "train",
    "--data",
    data,
    "--model",
    "ngram",
    "--set",
    "order=five",
    "--out",
    join(folder, "y"),
  ]);
  expect(unread.stderr).toContain('--set: order is "five", but must be a number; write order=5');
  expect(unread.status).toBe(2);
});

test("an n-gram model is counted anew on request, and refuses what only networks know", {
  timeout: 120_000,
}, async () => {
  const out = join(folder, "ngram");
  const count = ["train", "--data", join(folder, "book.txt"), "--model", "ngram", "--out", out];
  expect((await trainformer(count)).stderr).toContain(
    "holds a run already; --resume goes on with it, --overwrite replaces",
  );
  expect((await trainformer([...count, "--resume"])).stderr).toContain(
    "--resume: an n-gram model is counted at once, so there is nothing to go on with; leave --resume out",
  );
  expect((await trainformer([...count, "--overwrite"])).status).toBe(0);
  expect(readFileSync(join(out, "README.md"), "utf8")).toContain("An n-gram model of order 5 (kneser-ney), counted");
  const text = async (...args: string[]) => {
    const { stdout } = await trainformer(["generate", out, "--prompt", "the ", "--greedy", "--json", ...args]);
    return lines(stdout)[0].text;
  };
  expect(await text("--seed", "1")).toBe(await text("--seed", "2"));
  expect((await trainformer(["generate", out, "--prompt", "a", "--num-beams", "3"])).stderr).toContain(
    "an n-gram model does not know --num-beams; it is drawn from with --temperature, --max-new-tokens and --seed, or with",
  );
  expect((await trainformer(["predict", out, "a"])).stderr).toContain(
    "model: an n-gram model is counted and has no network; train --model ngram, generate and evaluate know it",
  );
});

test("words go on behind a prompt with a space between", { timeout: 120_000 }, async () => {
  const words = ["--data", join(folder, "book.txt"), "--tokenizer", "word", "--json"];
  const [counted, learned] = [join(folder, "counted"), join(folder, "learned")];
  await trainformer(["train", ...words, "--model", "ngram", "--out", counted]);
  await trainformer([
    ...["train", ...words, "--model", "gru", "--set", "hidden_size=8", "--max-steps", "1", "--block-size", "8"],
    ...["--out", learned, "--threads", "1"],
  ]);
  for (const out of [counted, learned]) {
    const args = ["generate", out, "--prompt", "the cat", "--max-new-tokens", "3", "--greedy", "--json"];
    expect(lines((await trainformer(args)).stdout)[0].text).toMatch(/^ \w+/);
  }
  const beams = ["generate", learned, "--prompt", "the cat", "--max-new-tokens", "3", "--num-beams", "2", "--json"];
  expect(lines((await trainformer(beams)).stdout)[0].text).toMatch(/^[ .]/);
});

test("a vocabulary that knows little of a text is told with the number, whatever reads it", {
  timeout: 120_000,
}, async () => {
  const rare = join(folder, "rare.txt");
  writeFileSync(rare, Array.from({ length: 200 }, (_, i) => `a${i} b${i} the `).join(""));
  const cut = ["--tokenizer", "word", "--min-frequency", "3", "--data", rare, "--json"];
  const told = (of: string) =>
    new RegExp(`${of}: the vocabulary knows 3?\\d\\.\\d % of the [\\d,]+ tokens; the others are all one to the model`);
  const [net, counted] = [join(folder, "rare-rnn"), join(folder, "rare-ngram")];
  const small = ["--set", "hidden_size=4", "--max-steps", "1", "--block-size", "8", "--threads", "1"];
  for (const args of [
    ["--model", "rnn", ...small, "--out", net],
    ["--model", "ngram", "--out", counted],
  ]) {
    const trained = await trainformer(["train", ...cut, ...args]);
    const warnings = lines(trained.stdout).filter(({ event }) => event === "warning");
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringMatching(told("train"))]);
    expect(trained.stderr).toMatch(told("warning: train"));
  }
  const other = join(folder, "other.txt");
  writeFileSync(other, "quite other words here, and none that was ever read before by anyone. ".repeat(60));
  for (const model of [net, counted]) {
    const evaluated = await trainformer(["evaluate", model, "--data", other, "--json"]);
    expect(evaluated.stderr).toMatch(told("warning: validation"));
    expect(lines(evaluated.stdout)).toHaveLength(1);
  }
});

test("evaluate refuses flags that say nothing to the model", { timeout: 60_000 }, async () => {
  const [counted, read] = [join(folder, "ngram"), join(folder, "lstm")];
  for (const [model, args, says] of [
    [counted, ["--confidence"], "--confidence says nothing to an n-gram model; leave it out"],
    [read, ["--num-beams", "2"], "--num-beams says nothing to a model for language-modeling; leave it out"],
    [read, ["--last", "3"], "--last says nothing to a model for language-modeling; leave it out"],
  ] as const) {
    const { stderr, status } = await trainformer(["evaluate", model, "--data", join(folder, "book.txt"), ...args]);
    expect(stderr).toContain(says);
    expect(status).toBe(2);
  }
});

test("what cannot be looked at is refused with the reason", async () => {
  const says = async (...args: string[]) => (await trainformer(["inspect", join(folder, "ngram"), ...args])).stderr;
  expect(await says("--text", "a")).toContain(
    "inspect: there is nothing to look at; add --gradient-through-time, --activity, --alignment or --step-cost",
  );
  expect(await says("--activity")).toContain('--text is missing; say what the model reads: --text "To be"');
});
