/**
 * Characters of Tiny Shakespeare, counted and learned, and the page that tells it: node tools/results/characters.js.
 *
 * The file lies beside the project, in ../shared/data/tinyshakespeare. Runs are made in runs/results/characters where they
 * are not there; the page comes from the runs' own events, and its figures from `trainformer inspect` and the library.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as compile } from "../build.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = join(root, "../shared/data/tinyshakespeare/input.txt");
const runs = join(root, "runs/results/characters");
const pages = join(root, "docs/results");

const subjects = [
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => [`${n}-gram, Kneser-Ney`, `--model ngram --set order=${n} smoothing=kneser-ney`]),
  ...[4, 5].map((n) => [`${n}-gram, add-k (k = 0.01)`, `--model ngram --set order=${n} smoothing=add-k k=0.01`]),
  [
    "LSTM, 2 × 256",
    "--model lstm --set hidden_size=256 embedding_size=64 num_layers=2 forget_bias=1 --dropout 0.2 --carry-state --block-size 100 --batch-size 32 --max-steps 5000 --learning-rate 4e-3 --min-learning-rate 1e-4 --warmup-steps 100 --weight-decay 0.01 --adam-beta2 0.99 --eval-steps 500 --logging-steps 50",
  ],
];

function trainformer(...words) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, "bin/trainformer.js"), ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`trainformer ${words.join(" ")}: ${stderr}`);
  return stdout;
}

const folderOf = (name) => join(runs, name.replace(/\W+/g, "-").replace(/-$/, "").toLowerCase());

/** A run's events; it is made where it has no end. */
function eventsOf([name, flags]) {
  const out = folderOf(name);
  const file = join(out, "events.jsonl");
  const ended = () => existsSync(file) && readFileSync(file, "utf8").includes('"event":"done"');
  if (!ended()) trainformer("train", "--data", data, ...flags.split(" "), "--out", out, "--overwrite", "--quiet");
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const rows = subjects.map((subject) => {
  const events = eventsOf(subject);
  const { best } = events.findLast(({ event }) => event === "done");
  const { parameters } = events.find(({ event }) => event === "start");
  const trained = events.findLast(({ event }) => event === "step");
  return { name: subject[0], loss: best.loss, parameters, minutes: trained && trained.elapsed_ms / 60_000 };
});
rows.sort((a, b) => a.loss - b.loss);

mkdirSync(pages, { recursive: true });
const [lstmName, lstmFlags] = subjects.at(-1);
const lstmFolder = folderOf(lstmName);
const text = "Before we proceed any further, hear me";
trainformer("inspect", lstmFolder, "--text", text, "--gradient-through-time", "--activity", "--threads", "1");
copyFileSync(join(lstmFolder, "gradient-through-time.svg"), join(pages, "characters-gradient.svg"));
copyFileSync(join(lstmFolder, "activity.svg"), join(pages, "characters-activity.svg"));
const sample = (folder) =>
  JSON.parse(
    trainformer(
      "generate",
      folder,
      "--prompt",
      "ROMEO:\n",
      "--max-new-tokens",
      "240",
      "--temperature",
      "0.8",
      "--seed",
      "1",
      "--json",
    ),
  ).text;

/** |∂h_T/∂s_t| of untrained models over drawn ids, one layer of 64. */
async function untrained() {
  compile();
  const { build, gru, lstm, rnn } = await import("../../dist/src/models/index.js");
  const { fillInitial, namedParams } = await import("../../dist/src/nn/index.js");
  const { below, keyOf } = await import("../../dist/src/random.js");
  const { gradientThroughTime, gradientThroughTimeSvg } = await import("../../dist/src/inspect/index.js");
  const sizes = { vocab_size: 8, embedding_size: 16, hidden_size: 64, num_layers: 1 };
  const models = {
    "tanh RNN": rnn(sizes),
    GRU: gru(sizes),
    "LSTM, biases around 0": lstm(sizes),
    "LSTM, forget bias 1": lstm({ ...sizes, forget_bias: 1 }),
    "LSTM, forget bias 2": lstm({ ...sizes, forget_bias: 2 }),
    "LSTM, forget bias 3, input bias −3": lstm({ ...sizes, forget_bias: 3, input_bias: -3 }),
  };
  const ids = Array.from({ length: 32 }, (_, r) => Array.from({ length: 30 }, (_, i) => below(8, keyOf(1, r), i)));
  const curves = [];
  for (const [name, spec] of Object.entries(models)) {
    const model = build(spec, Object.keys(spec.architecture.heads)[0]);
    const weights = new Map(
      [...namedParams(model)].map(([key, { shape, init }]) => {
        const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
        fillInitial(numbers, init, keyOf(0, key));
        return [key, numbers];
      }),
    );
    curves.push({ name, ...(await gradientThroughTime(model, spec, weights, ids, { threads: 1 })) });
  }
  writeFileSync(
    join(pages, "gradient-before-training.svg"),
    gradientThroughTimeSvg(curves, { title: "Gradient through time, before training" }),
  );
  return curves;
}

const curves = await untrained();
const digits = (x) => (x < 0.01 ? x.toExponential(1) : x.toFixed(3));
const page = `# Characters of Tiny Shakespeare, counted and learned

Made by \`node tools/results/characters.js\` from the runs' own numbers. The last tenth of the text is held out; every model
sees the same nine tenths. A counted model's parameters are its rows of characters; it takes seconds. The LSTM took
${rows.find(({ minutes }) => minutes).minutes.toFixed(0)} minutes on two cores.

| model | held-out loss (nats a character) | bits | perplexity | parameters |
|---|---|---|---|---|
${rows.map(({ name, loss, parameters }) => `| ${name} | ${loss.toFixed(4)} | ${(loss / Math.LN2).toFixed(3)} | ${Math.exp(loss).toFixed(2)} | ${parameters.toLocaleString("en-US")} |`).join("\n")}

\`\`\`sh
trainformer train --data tinyshakespeare/input.txt ${lstmFlags} --out runs/characters-lstm
trainformer train --data tinyshakespeare/input.txt --model ngram --set order=5 smoothing=kneser-ney --out runs/characters-5-gram
\`\`\`

What they write behind “ROMEO:” at a temperature of 0.8. The LSTM:

\`\`\`
${sample(lstmFolder)}
\`\`\`

The 5-gram:

\`\`\`
${sample(folderOf(subjects[4][0]))}
\`\`\`

## How far back a gradient reaches

|∂h(T)/∂state(t)|, as a share of what one step hands on; drawn weights, one layer of 64, before any training:

| steps back | ${curves[0].steps.join(" | ")} |
|---|${curves[0].steps.map(() => "---").join("|")}|
${curves.map(({ name, norms }) => `| ${name} | ${norms.map(digits).join(" | ")} |`).join("\n")}

![Gradient through time, before training](gradient-before-training.svg)

The one that keeps a tenth over 30 steps learns to name the first of 30 letters within 300 updates; the usual LSTM, with
a forget bias of 1, does not in 600, with each of three seeds (\`test/first-symbol.test.ts\`).

The LSTM above, at its beginning, at its checkpoints and at its end:

![Gradient through time of the character LSTM](characters-gradient.svg)

Its units while it reads:

![Units of the character LSTM](characters-activity.svg)
`;
writeFileSync(join(pages, "characters.md"), page);
console.log(`wrote ${join(pages, "characters.md")}`);
