/**
 * The next number of 1 … 100, and the page that tells what scaling and differences are for: node tools/results/counting.js.
 *
 * Each run is one of `trainformer train` in runs/results/counting, made where it is not there; the page and its figure come
 * from the runs' own series.json.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runs = join(root, "runs/results/counting");
const pages = join(root, "docs/results");

const flags =
  "--task sequence-regression --data toy:count,length=100 --window 8 --max-steps 600 --learning-rate 3e-3 --eval-steps 0 --threads 1";
const variants = {
  "values as they are": "--scaling none",
  "values, scaled to [0, 1]": "--scaling min-max",
  "values, standardised": "--scaling standard",
  changes: "--difference 1",
};

const folderOf = (name) => name.replace(/\W+/g, "-").replace(/-$/, "");

/** A run's report; trained where it is not there. */
function reportOf(name) {
  const out = join(runs, folderOf(name));
  if (!existsSync(join(out, "series.json"))) {
    const words = `train ${flags} ${variants[name]} --out ${out} --overwrite --quiet`.split(" ");
    const { status, stderr } = spawnSync(process.execPath, [join(root, "bin/trainformer.js"), ...words], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${out}: ${stderr}`);
    console.log(`trained ${out}`);
  }
  return JSON.parse(readFileSync(join(out, "series.json"), "utf8"));
}

const reports = Object.keys(variants).map((name) => ({ ...reportOf(name), name }));
const [{ from, truth, scores, predictions }] = reports;
const rows = [
  ...reports.map((report) => ({
    name: `LSTM, ${report.name}`,
    scores: report.scores.lstm,
    told: report.predictions.lstm,
  })),
  ...Object.keys(predictions)
    .filter((name) => name !== "lstm")
    .map((name) => ({ name, scores: scores[name], told: predictions[name] })),
].sort((a, b) => a.scores.mae - b.scores.mae);

const { seriesSvg } = await import("../../dist/src/inspect/figures/series.js");
mkdirSync(pages, { recursive: true });
writeFileSync(
  join(pages, "series-counting.svg"),
  seriesSvg({
    title: `${from + 1} … ${from + truth.length}, by models that learned from 1 … ${from}`,
    unit: "the next number",
    truth,
    first: from + 1, // row 1 holds the number 1
    predictions: reports.map(({ name, predictions }) => ({ name, from: from + 1, values: predictions.lstm })),
  }),
);

const line = ({ name, scores, told }) =>
  `| ${name} | ${scores.mae.toFixed(3)} | ${told[0].toFixed(2)} | ${told.at(-1).toFixed(2)} |`;
writeFileSync(
  join(pages, "counting.md"),
  [
    "# The next number of 1 … 100\n",
    "Made by `node tools/results/counting.js` from the runs' own numbers. Everybody sees what comes next; a network that",
    `learned from 1 … ${from} is asked for the numbers behind it, each time with the eight before. An LSTM's units lie between`,
    "−1 and 1, so there is an end to what its output can be: on values it bends behind the last one that it was trained on.",
    "Scaling decides whether 600 updates get it even there. The change since the number before is the same everywhere: who",
    "learns that goes on as far as one likes.\n",
    `| model | mean absolute error | for ${truth[0]} | for ${truth.at(-1)} |\n|---|--:|--:|--:|\n${rows.map(line).join("\n")}\n`,
    "![The numbers that were told](series-counting.svg)\n",
    `\`\`\`sh\n${Object.entries(variants)
      .map(([name, variant]) => `trainformer train ${flags} ${variant} --out runs/${folderOf(name)}`)
      .join("\n")}\n\`\`\`\n`,
    "“Naive” says the number before. On real series: [passengers and temperatures](series.md).\n",
  ].join("\n"),
);
console.log(`wrote ${join(pages, "counting.md")}`);
