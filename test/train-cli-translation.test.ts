/** Translation on the command line: train, resume, evaluate, predict, and what is refused. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const root = mkdtempSync(join(tmpdir(), "translation-"));
afterAll(() => rmSync(root, { recursive: true }));
const file = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(root, name), `${lines.join("\n")}\n`);
  return join(root, name);
};

const numbers = ["eins", "zwei", "drei", "vier"];
const english: Readonly<Record<string, string>> = { eins: "one", zwei: "two", drei: "three", vier: "four" };
const sources = Array.from({ length: 60 }, (_, i) => [0, 1, 2].map((k) => numbers[(i >> (2 * k)) % 4]!).join(" "));
const targets = sources.map((text) =>
  text
    .split(" ")
    .map((word) => english[word])
    .join(" "),
);
const [de, en] = [file("a.de", sources), file("a.en", targets)];
const [heldDe, heldEn] = [file("h.de", sources.slice(0, 12)), file("h.en", targets.slice(0, 12))];

const tiny = ["--set", "embedding_size=16", "hidden_size=32", "dropout=0", "--batch-size", "10", "--threads", "1"];
const taught = ["--learning-rate", "1e-2", "--validation", `${heldDe},${heldEn}`];
const train = (out: string, ...flags: string[]) =>
  trainformer([
    ...["train", "--task", "translation", "--source", de, "--target", en, "--out", join(root, out), "--json"],
    ...[...tiny, ...taught, ...flags],
  ]);

describe("a run", () => {
  test("learns a language of numbers; its folder evaluates to the run's end, and predicts", async () => {
    const ended = await train("run", "--max-steps", "160", "--eval-steps", "80", "--sample-steps", "160");
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    const events = jsonLines(ended);
    expect(events[0]).toMatchObject({ event: "start", task: "translation", model: "seq2seq", train_examples: 60 });
    const [, last] = events.filter(({ event }) => event === "evaluation") as { loss: number; metrics: object }[];
    expect(last!.metrics).toMatchObject({ exact_match: 100, chrf: 100, ter: 0 });
    expect(events.find(({ event }) => event === "sample")).toMatchObject({ text: `${sources[0]} → ${targets[0]}` });

    for (const path of ["tokenizer.json", "target_tokenizer/tokenizer.json", "target_tokenizer/tokenizer_config.json"])
      expect(existsSync(join(root, "run", path))).toBe(true);
    const config = JSON.parse(readFileSync(join(root, "run", "config.json"), "utf8"));
    expect(config).toMatchObject({
      ...{ source_vocab_size: 8, target_vocab_size: 8, cell: "gru", attention: "additive" },
      ...{ decoder_start_token_id: 2, eos_token_id: 3, pad_token_id: 1 },
    });

    const report = join(root, "report");
    const evaluated = await trainformer([
      ...["evaluate", join(root, "run"), "--source", heldDe, "--target", heldEn, "--threads", "1", "--json"],
      ...["--batch-size", "10", "--num-beams", "2", "--report", report],
    ]);
    expect(evaluated).toMatchObject({ status: 0, stderr: "" });
    const [result] = jsonLines(evaluated) as [{ examples: number; loss: number; metrics: object }];
    expect(result).toMatchObject({ examples: 12, metrics: { exact_match: 100 } });
    expect(result.loss).toBeCloseTo(last!.loss, 6);
    const { texts, signature, measure } = JSON.parse(readFileSync(join(report, "report.json"), "utf8"));
    expect(signature).toBe("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
    expect(measure).toBe("BLEU");
    expect(texts[3]).toEqual({
      source: sources[3],
      output: targets[3],
      reference: targets[3],
      tokens: 4,
      bleu: expect.closeTo(100, 6),
    });
    expect(readFileSync(join(report, "worst.html"), "utf8")).toContain("<svg");

    const second = join(root, "second report");
    const again = await trainformer([
      ...["evaluate", join(root, "run"), "--source", heldDe, "--target", heldEn, "--threads", "1", "--json"],
      ...["--report", second, "--beside", report, "--confidence"],
    ]);
    const [{ confidence, metrics }] = jsonLines(again) as [Record<string, Record<string, unknown>>];
    expect(Object.keys(confidence!)).toEqual(["bleu", "chrf", "ter", "exact_match"]);
    expect(confidence!["exact_match"]).toMatchObject({ score: 100, low: 100, high: 100 });
    expect(confidence!["bleu"]).toMatchObject({ score: metrics!["bleu"] });
    const byLength = readFileSync(join(second, "by-length.svg"), "utf8");
    expect(byLength.match(/class="line c[01]"/g)!.length).toBeGreaterThanOrEqual(4); // two lines, and their names'

    const predicted = await trainformer([
      "predict",
      join(root, "run"),
      "drei eins vier",
      "",
      "--json",
      "--threads",
      "1",
    ]);
    expect(jsonLines(predicted)).toEqual([
      { text: "drei eins vier", output: "three one four" },
      { text: "", output: "" },
    ]);
    const several = ["--num-beams", "3", "--num-return-sequences", "2", "--threads", "1"];
    const [best] = jsonLines(
      await trainformer(["predict", join(root, "run"), "drei eins vier", ...several, "--json"]),
    ) as [{ output: string; outputs: { text: string; score: number }[] }];
    expect(best.output).toBe("three one four");
    expect(best.outputs.map(({ text }) => text)).toEqual([
      "three one four",
      expect.not.stringMatching(/^three one four$/),
    ]);
    expect(best.outputs[0]!.score).toBeGreaterThan(best.outputs[1]!.score);
    const shown = await trainformer(["predict", join(root, "run"), "drei eins vier", ...several]);
    expect(shown.stdout).toMatch(/^-0\.\d{3} {2}three one four\n-\d\.\d{3} {2}.*\n$/);
    const alone = await trainformer(["predict", join(root, "run"), "eins", "--num-return-sequences", "2"]);
    expect(alone.stderr).toContain(
      "--num-return-sequences 2: a search that follows 1 text gives no more; add --num-beams 2",
    );
    const scored = ["--num-beams", "3", "--num-return-sequences", "1", "--threads", "1"];
    const only = await trainformer(["predict", join(root, "run"), "drei eins vier", ...scored]);
    expect(only.stdout).toMatch(/^-0\.\d{3} {2}three one four\n$/);
    const series = await trainformer(["predict", join(root, "run"), "eins", "--horizon", "2"]);
    expect(series.stderr).toContain("--horizon says nothing to a model for translation; leave it out");

    const svg = join(root, "alignment.svg");
    const asked = [
      "--alignment",
      "--text",
      "drei eins",
      "--target",
      "three one",
      "--out",
      svg,
      "--threads",
      "1",
      "--json",
    ];
    const [seen] = jsonLines(await trainformer(["inspect", join(root, "run"), ...asked]));
    expect(seen).toMatchObject({ source: ["drei", "eins", "</s>"], target: ["three", "one", "</s>"] });
    expect(readFileSync(svg, "utf8")).toContain(">drei</text>");

    const csv = file("p.csv", ["id,de", "1,zwei zwei zwei"]);
    const fromFile = await trainformer(["predict", join(root, "run"), "--file", csv, "--text", "de", "--threads", "1"]);
    expect(fromFile.stdout).toBe("two two two\n");
    const bin = join(import.meta.dirname, "../bin/trainformer.js");
    const piped = spawnSync(process.execPath, [bin, "predict", join(root, "run"), "--threads", "1"], {
      input: "eins vier zwei\nvier vier vier\n",
      encoding: "utf8",
    });
    expect(piped.stdout).toBe("one four two\nfour four four\n");
  });

  test("goes on after an end as if there had been none, bit for bit", async () => {
    const flags = [
      "--max-steps",
      "60",
      "--eval-steps",
      "0",
      "--scheduled-sampling",
      "linear",
      "--sampling-decay",
      "100",
      "--label-smoothing",
      "0.1",
    ];
    const dropout = ["--dropout", "0.1", "--save-steps", "25", "--save-total-limit", "9"];
    await train("whole", ...flags, ...dropout);
    await train("parts", ...flags, ...dropout);
    for (const step of [50, 60]) rmSync(join(root, "parts", "checkpoints", `step-${step}`), { recursive: true });
    const resumed = await train("parts", ...flags, ...dropout, "--resume");
    expect(jsonLines(resumed)[0]).toMatchObject({ event: "start", step: 25 });
    const weights = (run: string) => readFileSync(join(root, run, "checkpoints", "step-60", "model.safetensors"));
    expect(weights("parts").equals(weights("whole"))).toBe(true);
  });

  test("says what it leaves out", async () => {
    const long = [file("l.de", [...sources, "eins ".repeat(9), ""]), file("l.en", [...targets, "one ".repeat(9), "x"])];
    const ended = await trainformer([
      ...["train", "--task", "translation", "--source", long[0]!, "--target", long[1]!, "--out", join(root, "long")],
      ...["--json", ...tiny, "--max-steps", "1", "--validation", "0", "--max-length", "8"],
    ]);
    const warnings = jsonLines(ended).flatMap(({ event, message }) => (event === "warning" ? [message] : []));
    expect(warnings).toEqual([
      "train: 1 of 62 pairs have an empty side and are left out; the first: l.de, line 62",
      "train: 1 of 61 pairs have more than 8 tokens on a side and are left out; the longest has 11: --max-length 11 would keep all",
    ]);
  });
});

test("a report is shown beside earlier ones only where there are any", async () => {
  const evaluate = ["evaluate", join(root, "run"), "--source", heldDe, "--target", heldEn];
  const alone = await trainformer([...evaluate, "--beside", root]);
  expect(alone).toMatchObject({ status: 2, stdout: "" });
  expect(alone.stderr).toContain("--beside says nothing without --report; add it, or leave this out");
  const none = await trainformer([...evaluate, "--report", join(root, "r"), "--beside", root]);
  expect(none.status).toBe(2);
  expect(none.stderr).toContain(`--beside: ${root} holds no report of written texts; make one: trainformer evaluate`);
});

test.each([
  [["--source", de], "--target is missing", "name aligned files"],
  [["--source", de, "--target", heldEn], `${de} has 60 lines and ${heldEn} has 12`, ""],
  [
    ["--source", de, "--target", en, "--validation", "x"],
    '"x" is neither two aligned files nor a fraction in [0, 1)',
    "",
  ],
  [
    ["--source", de, "--target", en, "--scheduled-sampling", "linear"],
    "--scheduled-sampling needs --sampling-decay",
    "",
  ],
  [
    ["--source", de, "--target", en, "--attention", "dott"],
    'seq2seq: "attention" is "dott", but must be one of none, additive',
    "",
  ],
  [["--source", de, "--target", en, "--max-length", "3"], "none of 54 pairs has at most 3 tokens on both sides", ""],
])("train --task translation %o is refused with %s", async (flags, says, remedy) => {
  const { status, stderr } = await trainformer(["train", "--task", "translation", "--out", join(root, "no"), ...flags]);
  expect(status).toBe(2);
  expect(stderr).toContain(says);
  expect(stderr).toContain(remedy);
  expect(existsSync(join(root, "no"))).toBe(false);
});
