/**
 * The model card of a run, its `README.md`: what the model is, what it was trained on and how, what was measured, how to
 * load it, and what not to expect. Metadata: https://huggingface.co/docs/hub/model-cards#model-card-metadata
 */
import { usage } from "./usage.ts";

export interface Card {
  /** The folder's name. */
  readonly name: string;
  readonly task: string;
  /** `config.json`'s `model_type`. */
  readonly modelType: string;
  readonly parameters: number;
  /** The folder or hub id whose weights it began with; from chance where absent. */
  readonly base?: string;
  /** Does Python's transformers know the model type? */
  readonly inTransformers: boolean;
  readonly data: readonly { readonly part: string; readonly name: string; readonly bytes: number }[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent before the first step. */
  readonly results?: Results;
  /** A text to try it with. */
  readonly example?: string;
}

export interface Results {
  readonly step: number;
  readonly maxSteps: number;
  /** Of the last batch that was logged. */
  readonly trainLoss: number;
  /** On the validation part: the weights in the folder are those of this step. */
  readonly best?: { readonly step: number; readonly loss: number; readonly metrics: Readonly<Record<string, number>> };
  /** The least loss that any model can have on the validation part, where it is known. */
  readonly floor?: number;
  /** What models that are only counted reach there, in nats a token, by name. */
  readonly baselines?: Readonly<Record<string, number>>;
  readonly tokensPerSecond: number;
  readonly seconds: number;
}

/** What Hugging Face calls our tasks, where the names differ. */
const PIPELINES: Readonly<Record<string, string>> = {
  "language-modeling": "text-generation",
  "masked-language-modeling": "fill-mask",
};
const SAME = ["text-classification", "token-classification", "question-answering", "translation", "summarization"];

/** The card as Markdown with YAML before it. The licence is the user's to add: it depends on the data's. */
export function modelCard(card: Card): string {
  const { name, task, modelType, parameters, base, data, settings, results } = card;
  const from = base === undefined ? "trained from scratch" : `fine-tuned from ${code(base)}`;
  const sections = [
    `---\n${metadata(card)}\n---\n`,
    `# ${inline(name)}\n`,
    `A ${code(modelType)} model with ${count(parameters)} parameters, ${from} for ${task} with trainformer.\n`,
    "## Data\n",
    table(
      ["part", "file", "bytes"],
      data.map(({ part, name, bytes }) => [part, code(name), count(bytes)]),
    ),
    "## Results\n",
    results ? table(["measured", "value"], measured(results)) : "The run has begun; nothing is measured yet.\n",
    "## Settings\n",
    table(
      ["setting", "value"],
      Object.entries(settings).map(([key, value]) => [code(key), code(String(value))]),
    ),
    "## Use\n",
    usage(card),
    "## Limits\n",
    limits(card),
  ];
  return sections.join("\n");
}

function metadata({ task, modelType, base, inTransformers, results }: Card): string {
  const list = (key: string, items: readonly string[]) =>
    items.length > 0 ? [`${key}:`, ...items.map((item) => `  - ${JSON.stringify(item)}`)] : [];
  const pipeline = PIPELINES[task] ?? SAME.find((name) => name === task);
  return [
    `library_name: ${inTransformers ? "transformers" : "trainformer"}`,
    ...(pipeline === undefined ? [] : [`pipeline_tag: ${pipeline}`]),
    ...(base !== undefined && /^[\w.-]+\/[\w.-]+$/.test(base) ? [`base_model: ${JSON.stringify(base)}`] : []),
    ...list("tags", ["trainformer", modelType]),
    ...list("metrics", Object.keys(results?.best?.metrics ?? {})),
  ].join("\n");
}

function measured({
  step,
  maxSteps,
  trainLoss,
  best,
  floor,
  baselines = {},
  tokensPerSecond,
  seconds,
}: Results): string[][] {
  const rows = [["steps", `${count(step)} of ${count(maxSteps)}`]];
  if (best) {
    rows.push(["best validation loss", `${digits(best.loss)}, at step ${count(best.step)}`]);
    for (const [key, value] of Object.entries(best.metrics)) rows.push([key.replaceAll("_", " "), digits(value)]);
  }
  if (floor !== undefined) rows.push(["least loss possible", digits(floor) + (best ? distance(best.loss, floor) : "")]);
  for (const [name, loss] of Object.entries(baselines)) rows.push([`validation loss of a ${name}`, digits(loss)]);
  rows.push(["last training loss", digits(trainLoss)]);
  rows.push(["speed", `${count(Math.round(tokensPerSecond))} tokens a second`]);
  return [...rows, ["time", duration(seconds)]];
}

const distance = (loss: number, floor: number) =>
  loss < floor
    ? "; the validation loss is below it, so something leaks"
    : `; the validation loss is ${digits(100 * (loss / floor - 1), 1)} % above it`;

function limits({ base, results }: Card): string {
  const items = [
    base === undefined
      ? "It knows nothing but its data: what it says is like them, and need not be true."
      : "It keeps the faults of the model that it was fine-tuned from.",
    results?.best
      ? "It was measured on held-out data of the same source; on other data it may do worse."
      : "It was not measured on held-out data.",
    "What it may be used for depends on the licence of its data, which is not stated here.",
  ];
  return items.map((item) => `- ${item}\n`).join("");
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`).join("");

const count = (n: number) => n.toLocaleString("en-US");
const digits = (x: number, decimals = 4) => x.toLocaleString("en-US", { maximumFractionDigits: decimals });

function duration(seconds: number): string {
  const s = Math.round(seconds);
  const parts = [`${Math.floor(s / 3600)} h`, `${Math.floor((s % 3600) / 60)} min`, `${s % 60} s`];
  return parts.slice(s < 60 ? 2 : s < 3600 ? 1 : 0).join(" ");
}

/** A text from outside in a line of Markdown. */
const inline = (text: string) => text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&");
const code = (text: string) => `\`${text.replace(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|")}\``;
