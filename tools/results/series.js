/**
 * Forecasts of two public series under a rolling split, and the page that tells them: node tools/results/series.js.
 *
 * The files lie beside the project, in ../shared/data/univariate_series. Each fold is a run of `trainformer train` in
 * runs/results/series, made where it is not there; the page and its figures come from the runs' own series.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = join(root, "../shared/data/univariate_series");
const runs = join(root, "runs/results/series");
const pages = join(root, "docs/results");
const FOLDS = 5;
const SEEDS = [0, 1, 2];

const common = "--eval-steps 0 --threads 1 --learning-rate 3e-3 --set hidden_size=32";
const subjects = [
  {
    name: "airline",
    title: "Airline passengers (144 months, thousands)",
    note: "The networks learn the change since a year ago; “lstm, values” the number itself.",
    file: "airline-passengers.csv",
    flags: `--date Month --validation 48 --window 24 --season 12 --max-steps 300 --batch-size 32 ${common}`,
    variants: {
      lstm: "--model lstm --difference 12",
      gru: "--model gru --difference 12",
      rnn: "--model rnn --difference 12",
      "lstm, values": "--model lstm",
    },
  },
  {
    name: "temperatures",
    title: "Daily minimum temperatures (3,650 days, °C)",
    note: "The networks learn the temperature itself; “lstm, differences” the change since the day before.",
    file: "daily-min-temperatures.csv",
    flags: `--date Date --validation 730 --window 30 --max-steps 600 --batch-size 64 ${common}`,
    variants: {
      lstm: "--model lstm",
      gru: "--model gru",
      rnn: "--model rnn",
      "lstm, differences": "--model lstm --difference 1",
    },
  },
];

/** A fold's report: what the run says of itself; trained where it is not there. */
function reportOf({ name, file, flags, variants }, variant, fold, seed) {
  const out = join(runs, `${name}-${variant.replace(/\W+/g, "-")}-${fold}-${seed}`);
  if (!existsSync(join(out, "series.json"))) {
    const words = `train --task sequence-regression ${flags} ${variants[variant]} --fold ${fold}/${FOLDS}`.split(" ");
    const args = [...words, "--seed", seed, "--data", join(data, file), "--out", out, "--overwrite", "--quiet"];
    const { status, stderr } = spawnSync(process.execPath, [join(root, "bin/trainformer.js"), ...args.map(String)], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${out}: ${stderr}`);
    console.log(`trained ${out}`);
  }
  return JSON.parse(readFileSync(join(out, "series.json"), "utf8"));
}

const mean = (xs) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const METRICS = ["mase", "mae", "rmse"];

/** A model's mean score over folds, for each seed; folds count by their rows. */
function scoresOf(reports, model) {
  const weigh = (of) => reports.reduce((sum, report) => sum + of(report.scores[model]) * report.truth.length, 0);
  const rows = reports.reduce((sum, { truth }) => sum + truth.length, 0);
  return {
    mase: weigh(({ mase }) => mase) / rows,
    mae: weigh(({ mae }) => mae) / rows,
    rmse: Math.sqrt(weigh(({ rmse }) => rmse ** 2) / rows),
  };
}

function measure(subject) {
  const folds = Array.from({ length: FOLDS }, (_, i) => i + 1);
  const seeds = (variant) => (variant === "lstm" ? SEEDS : [0]);
  const of = (variant, seed) => folds.map((fold) => reportOf(subject, variant, fold, seed));
  const models = Object.keys(subject.variants).map((variant) => {
    const each = seeds(variant).map((seed) => scoresOf(of(variant, seed), variant.split(",")[0]));
    const [low, high] = [Math.min, Math.max].map((pick) => pick(...each.map(({ mase }) => mase)));
    const scores = Object.fromEntries(METRICS.map((metric) => [metric, mean(each.map((one) => one[metric]))]));
    return { name: variant, seeds: each.length, ...scores, low, high };
  });
  const shown = of("lstm", SEEDS[0]);
  const baselines = Object.keys(shown[0].scores)
    .filter((name) => name !== "lstm")
    .map((name) => ({ name, ...scoresOf(shown, name) }));
  return { ranked: [...models, ...baselines].sort((a, b) => a.mase - b.mase), shown };
}

/** The LSTM and the best baseline against what came, all folds in a row. */
async function figure({ name, title }, { ranked, shown }) {
  const { seriesSvg } = await import("../../dist/src/inspect/figures/series.js");
  const best = ranked.find(({ name, seeds }) => seeds === undefined && name in shown[0].predictions).name;
  const all = (of) => shown.flatMap(of);
  const { from } = shown[0];
  const labels = [...new Array(from), ...all(({ labels }) => labels)];
  const svg = seriesSvg({
    title: `${title}: ${FOLDS} folds, one step ahead`,
    unit: shown[0].name,
    truth: all(({ truth }) => truth),
    first: from,
    labels,
    predictions: ["lstm", best].map((model) => ({
      name: model,
      from,
      values: all(({ predictions }) => predictions[model]),
    })),
  });
  writeFileSync(join(pages, `series-${name}.svg`), svg);
}

function section(subject, { ranked, shown }) {
  const rows = shown.reduce((sum, { truth }) => sum + truth.length, 0);
  const [first] = ranked;
  const lstm = ranked.find(({ name }) => name === "lstm");
  const number = (x) => (x >= 100 ? x.toFixed(1) : x.toFixed(3));
  const spread = ({ seeds, low, high }) => (seeds > 1 ? ` (${number(low)}…${number(high)}, ${seeds} seeds)` : "");
  const line = (one) =>
    `| ${one.name} | ${number(one.mase)}${spread(one)} | ${number(one.mae)} | ${number(one.rmse)} |`;
  const wins =
    first.name === "lstm"
      ? `The LSTM is best, ${number(ranked[1].mase - lstm.mase)} of MASE before ${ranked[1].name}.`
      : `Best is ${first.name}; the LSTM is ${number(lstm.mase - first.mase)} of MASE behind it.`;
  return [
    `## ${subject.title}\n`,
    `${rows} held-out rows in ${FOLDS} folds. ${wins} Its MASE is ${lstm.mase < 1 ? "below" : "not below"} 1. ${subject.note}\n`,
    `| model | MASE | MAE | RMSE |\n|---|---|---|---|\n${ranked.map(line).join("\n")}\n`,
    `![${subject.title}](series-${subject.name}.svg)\n`,
    "```sh\n" +
      `trainformer train --task sequence-regression --data ${subject.file} ${subject.flags} ${subject.variants.lstm} --fold 1/${FOLDS}\n` +
      "```\n",
  ].join("\n");
}

mkdirSync(pages, { recursive: true });
const sections = [];
for (const subject of subjects) {
  const measured = measure(subject);
  await figure(subject, measured);
  sections.push(section(subject, measured));
}
writeFileSync(
  join(pages, "series.md"),
  [
    "# Two series, one step ahead\n",
    "Made by `node tools/results/series.js` from the runs' own numbers. A rolling split: the last rows are cut into five",
    "folds; for each a model is trained on all rows before it, and tells each row of the fold from those that came before.",
    "Scaling is fitted on the training part, weights are those of the last step, and settings are a first guess for each",
    "file, not tuned. MASE divides the mean absolute error by that of the naive forecast within the training part, a season",
    "ahead where there is one. AR(p) looks back as far as the networks; linear regression is the line through the training",
    "part.\n",
    ...sections,
  ].join("\n"),
);
console.log(`wrote ${join(pages, "series.md")}`);
