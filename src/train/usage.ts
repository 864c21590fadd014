/** How a model's folder is used, as Markdown: on the command line, in a program, in Python. */

export interface Usage {
  /** The folder's name. */
  readonly name: string;
  readonly task: string;
  /** Does Python's transformers know the model type? */
  readonly inTransformers: boolean;
  /** A text to try it with. */
  readonly example?: string;
}

/** The class of transformers that loads a model of the task. */
const CLASSES: Readonly<Record<string, string>> = {
  "language-modeling": "AutoModelForCausalLM",
  "masked-language-modeling": "AutoModelForMaskedLM",
  "text-classification": "AutoModelForSequenceClassification",
  "token-classification": "AutoModelForTokenClassification",
  "question-answering": "AutoModelForQuestionAnswering",
  translation: "AutoModelForSeq2SeqLM",
  summarization: "AutoModelForSeq2SeqLM",
};

/** Code that runs beside the folder. */
export function usage({ name, task, inTransformers, example = "The" }: Usage): string {
  const folder = `./${name}`;
  if (task === "sequence-regression") return ofNumbers(folder);
  if (task === "masked-language-modeling" || task === "pretraining")
    return ofMaskedText({ name, task, inTransformers, example });
  const [path, text] = [JSON.stringify(folder), JSON.stringify(example)];
  const generates = task === "language-modeling";
  const blocks = [
    block(
      "sh",
      `npx trainformer ${generates ? `generate ${shell(folder)} --prompt` : `predict ${shell(folder)}`} ${shell(example)}`,
    ),
    block(
      "ts",
      'import { load } from "trainformer";',
      "",
      `await using model = await load(${path});`,
      generates
        ? `for await (const piece of model.generate(${text}, { maxNewTokens: 100 })) process.stdout.write(piece);`
        : `console.log(await model.predict([${text}]));`,
    ),
  ];
  const modelClass = inTransformers ? CLASSES[task] : undefined;
  if (modelClass !== undefined) blocks.push("In Python:\n", python(modelClass, path, text, generates));
  return blocks.join("\n");
}

/** Of a model that reads a series. */
const ofNumbers = (folder: string) =>
  [
    block("sh", `npx trainformer predict ${shell(folder)} --file series.csv --horizon 12`),
    block(
      "ts",
      'import { load } from "trainformer";',
      "",
      `await using model = await load(${JSON.stringify(folder)});`,
      "const values = [112, 118, 132]; // the last ones, oldest first: as many as its window",
      "const { prediction } = await model.run({ past_values: [values.map((x) => [x])] });",
    ),
  ].join("\n");

/** Of a model that fills in what is hidden. */
function ofMaskedText({ name, task, inTransformers, example }: Required<Usage>): string {
  const [folder, path, text] = [shell(`./${name}`), JSON.stringify(`./${name}`), JSON.stringify(example)];
  const modelClass = CLASSES[task];
  return [
    block("sh", `npx trainformer evaluate ${folder} --data other.txt`),
    block(
      "ts",
      'import { load } from "trainformer";',
      "",
      `await using model = await load(${path});`,
      `const { logits } = await model.run({ input_ids: [[...model.tokenizer!.encodeIds(${text})]] });`,
    ),
    ...(inTransformers && modelClass !== undefined ? ["In Python:\n", python(modelClass, path, text, false)] : []),
  ].join("\n");
}

const python = (modelClass: string, path: string, text: string, generates: boolean) =>
  block(
    "python",
    `from transformers import ${modelClass}, AutoTokenizer`,
    "",
    `tokenizer = AutoTokenizer.from_pretrained(${path})`,
    `model = ${modelClass}.from_pretrained(${path})`,
    ...(generates
      ? [
          `ids = tokenizer(${text}, return_tensors="pt").input_ids`,
          "print(tokenizer.decode(model.generate(ids, max_new_tokens=100)[0]))",
        ]
      : [`print(model(**tokenizer(${text}, return_tensors="pt")))`]),
  );

const block = (language: string, ...lines: readonly string[]) => `\`\`\`${language}\n${lines.join("\n")}\n\`\`\`\n`;

/** One word of a shell's command line. */
export const shell = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
