/** `train`, `evaluate` and `generate` as they are meant, on little data. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { data, file, held, root, tiny } from "./small-training.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

type Event = Record<string, unknown> & { readonly event: string; readonly step: number; readonly loss: number };

/** The events of a run that ends well. */
async function trained(name: string, ...flags: string[]): Promise<Event[]> {
  const ended = await trainformer(["train", "--data", data, "--out", join(root, name), "--json", ...flags]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  return jsonLines(ended) as Event[];
}
const of = (events: readonly Event[], kind: string) => events.filter(({ event }) => event === kind);
async function result(...words: string[]) {
  const ended = await trainformer([...words, "--json"]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  return jsonLines(ended);
}

describe.concurrent("train", () => {
  test.each([
    ["char", 21],
    ["byte", 256],
    ["word", 24],
  ])("learns with the %s tokenizer, and the folder evaluates to the run's last validation loss", async (name, size) => {
    const flags = ["--tokenizer", name, "--validation", held, "--max-steps", "20", "--eval-steps", "10"];
    const events = await trained(name, ...tiny, ...flags, "--save-steps", "8");
    expect(events.map(({ event, step }) => `${event} ${step}`)).toEqual(
      "start 0,step 1,checkpoint 8,step 10,evaluation 10,checkpoint 16,step 20,evaluation 20,checkpoint 20,done 20".split(
        ",",
      ),
    );
    const config = JSON.parse(readFileSync(join(root, name, "config.json"), "utf8"));
    expect(config).toMatchObject({ model_type: "gpt2", vocab_size: size, n_positions: 16 });
    const last = of(events, "evaluation").at(-1)!;
    expect(last.loss).toBeLessThan(of(events, "evaluation")[0]!.loss);
    expect(events.at(-1)).toMatchObject({ best: { step: 20, loss: last.loss }, path: join(root, name) });
    const sizes = ["--batch-size", "4", "--block-size", "16", "--threads", "1"];
    const [evaluated] = await result("evaluate", join(root, name), "--data", held, ...sizes);
    expect(evaluated).toMatchObject({ loss: last.loss, metrics: last["metrics"] });
  });

  test("its folder is a run's: two checkpoints, events, card, curve", async () => {
    const events = await trained("folder", ...tiny, "--max-steps", "4", "--save-steps", "1");
    expect(readdirSync(join(root, "folder")).sort()).toEqual(
      "README.md,checkpoints,config.json,events.jsonl,generation_config.json,loss.svg,model.safetensors,run.json,special_tokens_map.json,tokenizer.json,tokenizer_config.json".split(
        ",",
      ),
    );
    expect(readdirSync(join(root, "folder", "checkpoints")).sort()).toEqual(["latest", "step-3", "step-4"]);
    const lines = readFileSync(join(root, "folder", "events.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
  });

  test("counts epochs in steps, and ends in the middle of a pass", async () => {
    const events = await trained("epochs", ...tiny, "--epochs", "0.1", "--logging-steps", "1000");
    const { train_examples, max_steps } = events[0]! as unknown as { train_examples: number; max_steps: number };
    expect(max_steps).toBe(Math.ceil((0.1 * train_examples) / 4));
    expect(events.at(-1)).toMatchObject({ event: "done", step: max_steps });
  });

  test("stops early when the validation loss gets no better", async () => {
    const rates = ["--learning-rate", "0.5", "--lr-scheduler-type", "constant", "--max-grad-norm", "0"];
    const flags = ["--max-steps", "400", "--eval-steps", "5", "--early-stopping-patience", "2"];
    const events = await trained("early", ...tiny, ...rates, ...flags);
    const losses = of(events, "evaluation").map(({ loss }) => loss);
    const done = events.at(-1) as unknown as { step: number; stopped: string; best: { step: number; loss: number } };
    expect(done).toMatchObject({ stopped: "early", best: { loss: Math.min(...losses), step: done.step - 10 } });
    expect(of(events, "checkpoint").at(-1)!.step).toBe(done.step);
  });

  test("accumulates gradients over batches of other rows", async () => {
    const one = of(await trained("one", ...tiny, "--max-steps", "1"), "step")[0]!;
    const flags = ["--gradient-accumulation-steps", "3", "--max-steps", "1"];
    const three = of(await trained("three", ...tiny, ...flags), "step")[0]!;
    expect(three.loss).not.toBe(one.loss);
    expect(Math.abs(three.loss - one.loss)).toBeLessThan(0.3);
  });

  test("tells people on standard error, and at the end draws the curve and says what to do next", async () => {
    const flags = ["--data", data, "--out", join(root, "told"), "--max-steps", "10", "--sample-steps", "5"];
    const { status, stdout, stderr } = await trainformer(["train", ...tiny, ...flags, "--prompt", "the c"]);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^gpt2 for language-modeling: 3,904 parameters, \d+ training examples\nstep 1\/10 {2}loss 3\./,
    );
    expect(stderr).toContain("step 5  a sample:\n│ the c");
    expect(stderr).toMatch(/\ndone: 10 steps in 0:0\d; best validation loss .*; saved in .*told\n$/);
    expect(stdout).toMatch(/^loss by step /);
    expect(stdout).toMatch(
      /\nSaved in (.*told)\. Try next:\n {2}node \S*bin\/trainformer\.js generate \1 --prompt 'the c'\n$/,
    );
  });
});

describe("a trained folder", () => {
  const base = join(root, "base");
  let last: Event;
  beforeAll(async () => {
    const flags = ["--max-steps", "150", "--learning-rate", "0.02", "--eval-steps", "0"];
    last = of(await trained("base", ...tiny, ...flags), "evaluation").at(-1)!;
  }, 60_000);

  test("is gone on from: its tokenizer, its block size, and a loss that starts where it was", async () => {
    const flags = ["--model", base, "--max-steps", "1", "--batch-size", "32", "--dropout", "0"];
    const events = await trained("tuned", ...flags);
    expect(of(events, "step")[0]!.loss).toBeCloseTo(last.loss, 0);
    expect(of(events, "step")[0]!.loss).toBeLessThan(2.4);
    const [config, before] = ["tuned", "base"].map((name) => readFileSync(join(root, name, "config.json"), "utf8"));
    expect(JSON.parse(config!)).toEqual(JSON.parse(before!));
    expect(readFileSync(join(root, "tuned", "README.md"), "utf8")).toContain(base);
  });

  test("speaks the same with the same seed, and otherwise with another", async () => {
    const speak = (...flags: string[]) =>
      result("generate", base, "--prompt", "the ", "--max-new-tokens", "12", "--temperature", "1", ...flags);
    const [[one], [again], [other]] = await Promise.all([
      speak("--seed", "1"),
      speak("--seed", "1"),
      speak("--seed", "2"),
    ]);
    expect(one).toEqual({ prompt: "the ", text: expect.any(String), tokens: 12 });
    expect(one!["text"]).toHaveLength(12);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test("goes on from each line of a file, stops before a text, and prints the prompt with it", async () => {
    const prompts = file("lines.txt", "the\n\ncat\n");
    const greedy = ["--greedy", "--max-new-tokens", "30"];
    const lines = await result("generate", base, "--file", prompts, ...greedy);
    expect(lines.map(({ prompt }) => prompt)).toEqual(["the", "", "cat"]);
    const whole = lines[0]!["text"] as string;
    const stop = whole.slice(5, 7);
    const { stdout } = await trainformer(["generate", base, "--prompt", "the", ...greedy, "--stop", stop]);
    expect(stdout).toBe(`the${whole.slice(0, whole.indexOf(stop))}\n`);
  });

  test("is searched for its best texts, with their scores", async () => {
    const prompts = file("beams.txt", "the\n\ncat\n");
    const flags = ["--greedy", "--max-new-tokens", "8", "--num-beams", "3"];
    const best = await result("generate", base, "--file", prompts, ...flags);
    const several = await result("generate", base, "--file", prompts, ...flags, "--num-return-sequences", "2");
    expect(several.map(({ prompt }) => prompt)).toEqual(["the", "the", "", "", "cat", "cat"]);
    expect(several.filter((_, i) => i % 2 === 0)).toEqual(best);
    for (const i of [0, 2, 4]) expect(Number(several[i]!["score"])).toBeGreaterThan(Number(several[i + 1]!["score"]));
    const alone = await result("generate", base, "--prompt", "the", ...flags);
    expect(alone).toEqual([{ ...best[0], score: expect.closeTo(Number(best[0]!["score"]), 5) }]);
    const wu = await result(
      "generate",
      base,
      "--prompt",
      "the",
      ...flags,
      "--length-penalty",
      "wu:0",
      "--early-stopping",
    );
    expect(Number(wu[0]!["score"])).toBeLessThan(Number(best[0]!["score"])); // a sum, not a mean
  });

  test("is replaced by another run with --overwrite alone", async () => {
    await trained("twice", ...tiny, "--max-steps", "9", "--save-steps", "3");
    await trained("twice", ...tiny, "--max-steps", "2", "--overwrite");
    expect(readdirSync(join(root, "twice", "checkpoints")).sort()).toEqual(["latest", "step-2"]);
  });
});

test("the learning-rate finder writes a figure where it is called, and no run", async () => {
  const out = join(root, "unused");
  const words = ["train", "--data", data, ...tiny, "--find-learning-rate", "--out", out];
  const [first, ...others] = jsonLines(await trainformer([...words, "--json", "--quiet"], { cwd: root }));
  expect(first).toMatchObject({ event: "rate", step: 1, learning_rate: 1e-7 });
  expect(others.at(-1)).toMatchObject({ event: "suggestion", path: "learning-rate.svg" });
  expect(existsSync(join(root, "learning-rate.svg"))).toBe(true);
  expect(existsSync(out)).toBe(false);
});
