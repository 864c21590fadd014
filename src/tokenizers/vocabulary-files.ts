/**
 * The older files of tokenizers as the content of `tokenizer.json`: BERT's `vocab.txt`, a token a line, and GPT-2's
 * `vocab.json` with `merges.txt`, the pairs in the order of learning. What they leave unsaid is as in those two.
 */
import { object, show } from "./check-json.ts";
import { addedToken, type Json, type TokenizerJson } from "./tokenizer-json.ts";

const common = { version: "1.0", truncation: null, padding: null } as const;

/** @param lowercase whether the model is uncased, as `do_lower_case` of its `tokenizer_config.json` says. */
export function fromVocabTxt(text: string, { lowercase = true }: { lowercase?: boolean } = {}): TokenizerJson {
  const vocab = vocabTxtIds(text);
  const idOf = (token: string) => {
    const id = vocab[token];
    if (id === undefined) throw new Error(`vocab.txt: it has no ${token}; is this BERT's vocabulary?`);
    return id;
  };
  const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
  return {
    ...common,
    added_tokens: special.map((token) => addedToken(idOf(token), token)),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", idOf("[SEP]")], cls: ["[CLS]", idOf("[CLS]")] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
      vocab,
    },
  };
}

/** `vocab.txt`: the number of a token is that of its line, from 0 on. @throws for a token that comes twice. */
export function vocabTxtIds(text: string): { [token: string]: number } {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const vocab = new Map<string, number>();
  for (const [id, line] of lines.entries()) {
    const token = line.trimEnd();
    const before = vocab.get(token);
    if (before !== undefined) throw new Error(`vocab.txt: line ${id + 1} is ${show(token)}, as line ${before + 1} is`);
    vocab.set(token, id);
  }
  return Object.fromEntries(vocab);
}

/** `merges.txt`: two pieces a line. @throws for another line. */
export function mergePairs(merges: string, name = "merges.txt"): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [i, line] of merges.split("\n").entries()) {
    if (line.startsWith("#version") || line.trimEnd() === "") continue;
    const [a, b, ...more] = line.trimEnd().split(" ");
    if (a === undefined || b === undefined || more.length > 0)
      throw new Error(`${name}: line ${i + 1} must be two pieces, but is ${show(line)}`);
    pairs.push([a, b]);
  }
  return pairs;
}

/** @param vocab the content of `vocab.json`, from tokens to ids. @param merges the text of `merges.txt`. */
export function fromVocabAndMerges(vocab: unknown, merges: string): TokenizerJson {
  const ids = object(vocab, "vocab.json");
  const pairs = mergePairs(merges);
  const end = "<|endoftext|>";
  const id = ids[end];
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    ...common,
    added_tokens: typeof id === "number" ? [addedToken(id, end)] : [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    model: { type: "BPE", unk_token: null, vocab: ids, merges: pairs },
  };
}

/** `vocab.txt` of a tokenizer: its model's tokens by id. */
export const toVocabTxt = ({ model }: TokenizerJson): string => `${tokensOf(model).join("\n")}\n`;

/** `merges.txt` of a byte-pair tokenizer. @throws for another. */
export function toMergesTxt({ model }: TokenizerJson): string {
  const merges = object(model, "tokenizer.json: model")["merges"];
  if (!Array.isArray(merges)) throw new Error(`tokenizer.json: model.merges must be an array, but is ${show(merges)}`);
  const lines = merges.map((merge: unknown) => (Array.isArray(merge) ? merge.join(" ") : String(merge)));
  return `#version: 0.2\n${lines.map((line) => `${line}\n`).join("")}`;
}

function tokensOf(model: Json): string[] {
  const vocab = object(object(model, "tokenizer.json: model")["vocab"], "tokenizer.json: model.vocab");
  return Object.entries(vocab)
    .sort(([, a], [, b]) => Number(a) - Number(b))
    .map(([token]) => token);
}
