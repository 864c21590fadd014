/**
 * German to English on Multi30k with and without attention, and the page that tells it: node tools/results/translation.js.
 *
 * The files lie beside the project, in ../shared/data/multi30k. Runs are made in runs/results/translation where they are
 * not there, with the commands that the page shows; their development pairs are split off the training part, and
 * the validation files are scored once, at the end. The page comes from the runs' and the evaluations' own JSON;
 * --without=fixed leaves a run out.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const data = join(root, "../shared/data/multi30k");
const runs = join(root, "runs/results/translation");
const pages = join(root, "docs/results");
const BEAMS = 5;

/** What the alignments are shown of: ours, for the data's own rows stay where they are. */
const SENTENCES = [
  ["ein hund schläft auf dem sofa.", "a dog is sleeping on the sofa."],
  ["zwei kinder spielen am strand.", "two children are playing on the beach."],
  ["eine frau liest im park ein buch.", "a woman is reading a book in the park."],
  ["ein mann mit hut fährt mit dem fahrrad durch die stadt.", "a man in a hat is riding a bicycle through the city."],
  ["drei freunde sitzen auf einer bank und essen eis.", "three friends are sitting on a bench eating ice cream."],
  [
    "ein junges mädchen in einem roten kleid malt ein bild an die wand.",
    "a young girl in a red dress is painting a picture on the wall.",
  ],
  [
    "mehrere männer in gelben westen arbeiten nachts an einer straße.",
    "several men in yellow vests are working on a street at night.",
  ],
  [
    "eine gruppe von leuten wartet vor einem alten gebäude auf den bus.",
    "a group of people is waiting for the bus in front of an old building.",
  ],
  [
    "ein kleiner junge springt in einen see, während sein vater vom ufer aus zusieht.",
    "a little boy jumps into a lake while his father watches from the shore.",
  ],
  [
    "auf einem markt verkauft eine ältere frau mit weißer schürze obst und gemüse an zwei touristen.",
    "at a market an older woman with a white apron is selling fruit and vegetables to two tourists.",
  ],
];

const flags =
  "--task translation --validation 0.02 --lowercase --max-length 60 --cell gru --dropout 0.25 --label-smoothing 0.1 --batch-size 64 --epochs 6 --learning-rate 1.5e-3 --min-learning-rate 1e-5 --warmup-steps 200 --weight-decay 0.01 --adam-beta2 0.98 --eval-steps 444 --sample-steps 444 --save-steps 444 --logging-steps 20 --threads 1";
const sizes = "embedding_size=256 hidden_size=384 readout_size=256";
const variants = {
  additive: { title: "additive attention", flags: `--attention additive --set ${sizes}` },
  fixed: { title: "fixed context", flags: `--attention none --set context_every_step=true ${sizes}` },
};

const read = (...path) => readFileSync(join(...path), "utf8");

function trainformer(...words) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, "bin/trainformer.js"), ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`trainformer ${words.join(" ")}: ${stderr}`);
  return stdout;
}

/** A run's folder; trained where its last step is not there. */
function trained(name) {
  const out = join(runs, name);
  const events = existsSync(join(out, "events.jsonl")) ? read(out, "events.jsonl") : "";
  if (!events.includes('"event":"done"')) {
    const words = `train ${flags} ${variants[name].flags} --out ${out} --quiet`.split(" ");
    const again = existsSync(join(out, "run.json")) ? ["--resume"] : [];
    trainformer(...words, ...again, "--source", join(data, "train.de"), "--target", join(data, "train.en"));
  }
  return out;
}

/** What `evaluate --report` says of the 1,014 validation pairs. */
function report(folder, beams) {
  const out = join(folder, `report-beam${beams}`);
  if (!existsSync(join(out, "report.json"))) {
    const files = ["--source", join(data, "val.de"), "--target", join(data, "val.en")];
    trainformer("evaluate", folder, ...files, "--num-beams", String(beams), "--report", out, "--threads", "1");
  }
  return JSON.parse(read(out, "report.json"));
}

const lines = (folder) =>
  read(folder, "events.jsonl")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

/** How long the run computed: steps' times, without the pauses between lives of a resumed run. */
function minutes(events) {
  let [total, last] = [0, 0];
  for (const { elapsed_ms: now } of events.filter(({ event }) => event === "step")) {
    total += now >= last ? now - last : now;
    last = now;
  }
  return total / 60_000;
}

const { byLengthSvg } = await import(new URL("../../dist/src/inspect/index.js", import.meta.url));
const { alignmentPage } = await import(new URL("../../dist/src/inspect/index.js", import.meta.url));
const { sentenceBleu } = await import(new URL("../../dist/src/metrics/index.js", import.meta.url));
const { align } = await import(new URL("../../dist/src/align.js", import.meta.url));
const { load } = await import(new URL("../../dist/src/load.js", import.meta.url));

mkdirSync(pages, { recursive: true });
const names = Object.keys(variants).filter((name) => !process.argv.includes(`--without=${name}`));
const results = names.map((name) => {
  const folder = trained(name);
  const events = lines(folder);
  const [greedy, beam] = [report(folder, 1), report(folder, BEAMS)];
  return { name, folder, events, greedy, beam, ...variants[name] };
});

const number = (x) => x.toFixed(1);
const table = (head, rows) =>
  [head, head.map((_, i) => (i === 0 ? "---" : "--:")), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const scores = results.flatMap(({ title, greedy, beam }) =>
  [greedy, beam].map(({ metrics, num_beams }) => [
    `${title}, ${num_beams === 1 ? "greedy" : `beam ${num_beams}`}`,
    ...[metrics.bleu, metrics.chrf, metrics.ter, metrics.perplexity].map(number),
  ]),
);
const learned = results.map(({ title, events }) => {
  const start = events.find(({ event }) => event === "start");
  const evaluations = events.filter(({ event }) => event === "evaluation");
  const steps = events.filter(({ event }) => event === "step");
  return [
    title,
    start.parameters.toLocaleString("en-US"),
    steps.at(-1).step.toLocaleString("en-US"),
    number(minutes(events)),
    evaluations.map(({ metrics }) => number(metrics.bleu)).join(", "),
  ];
});
const bands = results[0].greedy.bands.map(({ from, to, count }, i) => [
  `${from}–${to} (${count})`,
  ...results.map(({ greedy }) => number(greedy.bands[i].score)),
]);
writeFileSync(
  join(pages, "translation-by-length.svg"),
  byLengthSvg(
    results.map(({ title, greedy }) => ({ name: title, bands: greedy.bands })),
    { title: "Multi30k, German to English: BLEU by the source's length" },
  ),
);

const attentive = results.find(({ name }) => name === "additive");
const model = await load(attentive.folder, { threads: 1 });
const written = await model.predict(SENTENCES.map(([source]) => source));
const alignments = await align(
  model,
  written.map(({ text, output }) => ({ text, output })),
);
await model.close();
writeFileSync(
  join(pages, "translation-alignments.html"),
  alignmentPage(
    SENTENCES.map(([source, reference], i) => {
      const { output } = written[i];
      return { source, output, reference, score: sentenceBleu(output, [reference]).score, alignment: alignments[i] };
    }),
    {
      title: "Ten sentences and what was read for each word",
      subtitle:
        "Sentences of our own, German to English, GRU with additive attention trained on Multi30k, greedy; the shortest first.",
      scoreName: "sentence BLEU",
    },
  ),
);

const both =
  results.length > 1
    ? " Both models\nhave the same sizes, tuning and budget; the fixed context is Cho's: every step of the decoder reads the encoder's last\nstate."
    : "";
const train = ({ name, flags: own }) =>
  `trainformer train ${flags} ${own} --source train.de --target train.en --out runs/de-en-${name}`;
const evaluate = ({ name }) =>
  `trainformer evaluate runs/de-en-${name} --source val.de --target val.en --num-beams ${BEAMS} --report runs/de-en-${name}/report`;
writeFileSync(
  join(pages, "translation.md"),
  `# German to English${results.length > 1 ? ", with attention and without" : ", with attention"}

Made by \`node tools/results/translation.js\` from the runs' own numbers. 29,000 pairs of image captions (Multi30k), of
which 580 are split off for development; the 1,014 validation pairs were scored once, when the runs had ended.${both} Scores are sacreBLEU's, lower-cased: \`${results[0].greedy.signature}\`.

${table(["validation pairs", "BLEU", "chrF", "TER", "perplexity"], scores)}

${table(["run", "parameters", "steps", "minutes on 1 thread", "BLEU on 200 development pairs, pass by pass; at the end on all 580"], learned)}

The minutes are of the clock, on a machine of two cores that several others used at the same time.

## By the source's length

BLEU, greedy, in bands of about as many sentences; tokens of the source with its end (sentences).

${table(["tokens", ...results.map(({ title }) => title)], bands)}

![BLEU by the source's length](translation-by-length.svg)

## Ten sentences

Of our own, greedy: [what was written, and what was read for each word](translation-alignments.html).

## Again

\`\`\`sh
${[...results.map(train), ...results.map(evaluate)].join("\n")}
\`\`\`
`,
);
console.log(read(pages, "translation.md").split("## Ten")[0]);
