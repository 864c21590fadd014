/** n-gram models on the command line: `train --model ngram`, and their folders in `generate` and `evaluate`. */
import { existsSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { type JsonObject, readJson, writeFileAtomic } from "../formats/index.ts";
import type { GenerationOptions } from "../generate/index.ts";
import { byOrderSvg } from "../inspect/figures/by-order.ts";
import { isNgram, openNgram, saveNgram } from "../ngram/file.ts";
import { lossesByOrder, type Ngram, type NgramOptions, ngram, sampleNgram, smoothings } from "../ngram/index.ts";
import { openTokens } from "../tasks/index.ts";
import { loadTokenizer, saveTokenizer, type TextSource } from "../tokenizers/index.ts";
import { checkOut } from "../train/check-out.ts";
import type { DataFiles } from "../train/run-files.ts";
import { prepareRun } from "../train/run-folder.ts";
import { shell } from "../train/usage.ts";
import type { Context } from "./context.ts";
import { checked, UserError } from "./errors.ts";
import type { TokenizerOptions } from "./pair-files.ts";
import { checkCountedFlags, checkWordFlags } from "./task-flags.ts";
import { openTokenizer, type TextOptions, textFiles } from "./text-data.ts";
import { table } from "./ui/table.ts";
import { count, measure } from "./ui/words.ts";
import { flag } from "./values.ts";

/** Does this folder hold an n-gram model? */
export const isNgramFolder = (folder: string): boolean => {
  const path = join(folder, "config.json");
  return existsSync(path) && isNgram(readJson(path));
};

interface Options extends Partial<TextOptions>, TokenizerOptions {
  readonly task?: string;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly overwrite?: true;
  readonly resume?: true;
}

/** `train --model ngram`: a model that is counted, in one step. */
export async function countNgrams(
  { data, out, overwrite, resume, ...options }: Options,
  context: Context,
): Promise<undefined> {
  checkCountedFlags({ ...options });
  checkWordFlags({ ...options }, options.tokenizer ?? "char", "language-modeling");
  if (resume)
    throw new UserError("--resume: an n-gram model is counted at once, so there is nothing to go on with", {
      remedy: "leave --resume out; --overwrite counts it anew",
    });
  if (!data) throw new UserError("--data is missing", { remedy: "name the text to train on: --data book.txt" });
  const folder = out ?? join("runs", basename(data[0]!, extname(data[0]!)));
  const mode = overwrite ? "overwrite" : "fresh";
  await checked(() => {
    checkOut(folder, mode);
    return trainNgram({ ...options, data, out: folder, mode }, context);
  });
}

interface TrainNgram extends TextOptions, TokenizerOptions, Pick<Options, "set"> {
  readonly out: string;
  readonly mode: "fresh" | "overwrite";
}

/** Counts the training part, and says what models of this and of each lower order make of the held-out one. */
async function trainNgram(
  { set = [], tokenizer: named = "char", minFrequency, lowercase, out, mode, ...options }: TrainNgram,
  context: Context,
) {
  const settings = settingsOf(set);
  const files = await textFiles({ ...options, signal: context.signal });
  const tokenizer = await openTokenizer(named, files.text, { minFrequency, lowercase });
  const { all, train = all, held, warnings, close } = await openTokens(files.data(), tokenizer, { blockSize: 1 });
  const model = ngram(train, { ...settings, vocabulary: tokenizer.vocabSize });
  const rows = model.counts.trie.size - 1;
  const started = { parameters: rows, task: "language-modeling", model: "ngram", train_examples: train.length };
  const events: object[] = [
    { event: "start", ...started, step: 0, max_steps: 1 },
    ...warnings.map((message) => ({ event: "warning", message })),
  ];
  const losses = held ? lossesByOrder(model, held) : [];
  close();
  const loss = losses.at(-1);
  if (loss !== undefined) {
    const evaluated = { loss, metrics: { perplexity: Math.exp(loss) }, losses_by_order: losses };
    events.push({ event: "evaluation", step: 1, ...evaluated });
  }
  events.push({ event: "done", step: 1, ...(loss !== undefined && { best: { step: 1, loss } }), path: out });
  const { order, smoothing, k } = model;
  const vocab_size = tokenizer.vocabSize;
  using _run = await prepareRun(out, mode, {
    settings: {
      model: { model_type: "ngram", order, smoothing, k, vocab_size },
      task: { name: "language-modeling" },
      tokenizer: { vocab_size },
      data: files.files as unknown as JsonObject,
      training: {},
    },
    generation: {},
    card: cardOf(out, { model, files: files.files, loss }),
    saveTokenizer: (folder) => saveTokenizer(folder, tokenizer),
  });
  saveNgram(out, model);
  writeFileAtomic(join(out, "events.jsonl"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  if (losses.length > 0) writeFileAtomic(join(out, "loss.svg"), byOrderSvg(losses));
  for (const event of events) context.result(event);
  for (const message of warnings) context.warn(message);
  const said = loss === undefined ? "" : `; held-out loss ${measure(loss)}, perplexity ${measure(Math.exp(loss))}`;
  context.print(`${order}-gram, ${smoothing}: ${count(rows)} rows of ${count(train.length)} tokens${said}`);
  if (losses.length > 1) context.print(`\n${orderTable(losses)}`);
  context.print(`\nSaved in ${out}.`);
}

const orderTable = (losses: readonly number[]): string =>
  table(
    [
      ["order", ...losses.map((_, i) => String(i + 1))],
      ["loss", ...losses.map(measure)],
    ],
    `l${"r".repeat(losses.length)}`,
  );

/** The folder's `README.md`. */
function cardOf(
  out: string,
  { model, files, loss }: { readonly model: Ngram; readonly files: DataFiles; readonly loss: number | undefined },
): string {
  const folder = shell(`./${basename(resolve(out))}`);
  const names = Object.values(files).flatMap((some) => some.map(({ name }) => `\`${name}\``));
  return [
    "---\nlibrary_name: trainformer\ntags:\n  - ngram\n---\n",
    `An n-gram model of order ${model.order} (${model.smoothing}), counted by trainformer in ${names.join(", ")}.\n`,
    ...(loss === undefined ? [] : [`Validation loss: ${measure(loss)} nats a token.\n`]),
    `\`\`\`sh\nnpx trainformer generate ${folder} --prompt The\nnpx trainformer evaluate ${folder} --data other.txt\n\`\`\`\n`,
  ].join("\n");
}

/** ["order=5", "smoothing=add-k", "k=0.1"]. */
function settingsOf(set: readonly string[]): NgramOptions {
  const settings: { order?: number; smoothing?: (typeof smoothings)[number]; k?: number } = {};
  for (const setting of set) {
    const [name, value = ""] = setting.split("=");
    if (name === "order" || name === "k") settings[name] = numberOf(name, value);
    else if (name === "smoothing") settings.smoothing = value as (typeof smoothings)[number];
    else
      throw new UserError(`--set: ngram has no setting "${name}"`, {
        remedy: `there are order, smoothing (${smoothings.join(", ")}) and k`,
      });
  }
  return settings;
}

function numberOf(name: string, value: string): number {
  if (value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  throw new UserError(`--set: ${name} is "${value}", but must be a number`, { remedy: `write ${name}=5` });
}

const KNOWN: ReadonlySet<string> = new Set(["maxNewTokens", "temperature", "seed", "doSample"]);

/** A text behind a prompt: drawn, or with `doSample: false` the likeliest token each time. Refuses other options by name. */
export async function generateNgram(
  folder: string,
  prompt: string,
  options: GenerationOptions,
): Promise<{ readonly text: string; readonly tokens: number }> {
  const others = Object.keys(options).filter((name) => !KNOWN.has(name));
  if (others.length > 0)
    throw new UserError(
      `an n-gram model does not know ${others.map((name) => (name === "stopStrings" ? "--stop" : flag(name))).join(", ")}`,
      {
        remedy: "it is drawn from with --temperature, --max-new-tokens and --seed, or with --greedy",
      },
    );
  const [model, tokenizer] = [openNgram(folder), await loadTokenizer(folder)];
  const { maxNewTokens, temperature, seed, doSample } = options;
  const ids = [...tokenizer.encodeIds(prompt)];
  const drawn = [
    ...sampleNgram(model, ids, maxNewTokens ?? 100, {
      seed: seed ?? 0,
      temperature: doSample === false ? 0 : (temperature ?? 1),
    }),
  ];
  const decode = tokenizer.decodeStream();
  decode.push(ids);
  return { text: decode.push(drawn) + decode.end(), tokens: drawn.length };
}

/** Its loss and perplexity on a text, and what there is to say of that. */
export async function evaluateNgram(folder: string, text: TextSource) {
  const [model, tokenizer] = [openNgram(folder), await loadTokenizer(folder)];
  const { all, warnings, close } = await openTokens({ train: text, validation: 1 }, tokenizer, { blockSize: 1 });
  const loss = model.loss(all);
  close();
  return { warnings, result: { examples: all.length, loss, metrics: { perplexity: Math.exp(loss) } } };
}
