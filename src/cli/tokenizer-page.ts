/** A page about tokenizers on one text, in one file: numbers, vocabulary size against compression, split words, pieces. */
import { chartSvg } from "../inspect/figures/chart.ts";
import { logarithmic } from "../inspect/figures/scale.ts";
import { escapeXml } from "../inspect/figures/svg.ts";
import { compressionCurve, measureTokenizer, type Tokenizer, type TokenizerMeasure } from "../tokenizers/index.ts";
import { harmless } from "./ui/paint.ts";
import { count } from "./ui/words.ts";

export interface Reported {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly measure: TokenizerMeasure;
}

const MOST_SHOWN = 1200; // characters of the text that are shown in pieces
const MOST_SAMPLED = 200_000; // characters of the text that the curve is measured on

/** @param text what was measured; its beginning is shown in pieces. */
export function tokenizerPage(all: readonly Reported[], text: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tokenizers</title><style>${style}</style>`;
  const parts = [
    "<h1>Tokenizers on one text</h1>",
    `<p>${count(text.length)} characters, ${count(Buffer.byteLength(text))} bytes of UTF-8.</p>`,
    numbers(all),
    figure(all, text.slice(0, MOST_SAMPLED)),
    ...all.map((one) => pieces(one, text.slice(0, MOST_SHOWN).toWellFormed())),
    ...all.map(splitWords),
  ];
  return `<!doctype html>\n<html lang="en"><head>${head}</head>\n<body>\n${parts.join("\n")}\n</body></html>\n`;
}

export const reported = (name: string, tokenizer: Tokenizer, text: string): Reported => ({
  name,
  tokenizer,
  measure: measureTokenizer(tokenizer, text),
});

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`;

function numbers(all: readonly Reported[]): string {
  const columns: readonly (readonly [title: string, what: string, cell: (measure: TokenizerMeasure) => string])[] = [
    ["vocabulary", "how many tokens there are", ({ vocabSize }) => count(vocabSize)],
    ["tokens", "in the text", ({ tokens }) => count(tokens)],
    ["bytes a token", "compression: more is better", ({ bytesPerToken }) => bytesPerToken.toFixed(2)],
    ["tokens a word", "words are what stands between white space", ({ tokensPerWord }) => tokensPerWord.toFixed(2)],
    ["whole words", "of all words, those that are one token", ({ wholeWords }) => percent(wholeWords)],
    ["unknown", "of all tokens", ({ unknown }) => percent(unknown)],
    ["used", "of the vocabulary, by this text", ({ used }) => percent(used)],
  ];
  const cells = (measure: TokenizerMeasure) => columns.map(([, , cell]) => `<td>${cell(measure)}</td>`).join("");
  const titles = columns.map(([title, what]) => `<th title="${what}">${title}</th>`).join("");
  const rows = all.map(({ name, measure }) => `<tr><th>${escapeXml(name)}</th>${cells(measure)}</tr>`).join("\n");
  return `<div class="wide"><table><thead><tr><th></th>${titles}</tr></thead><tbody>\n${rows}\n</tbody></table></div>`;
}

function figure(all: readonly Reported[], sample: string): string {
  const curves = all.map(({ name, tokenizer }) => ({ name, points: compressionCurve(tokenizer, sample) }));
  const series = curves.flatMap(({ name, points }, color) => [
    { color, points, draw: "line" as const },
    { name, color, points: points.slice(-1), draw: "dots" as const },
  ]);
  return chartSvg({
    title: "Vocabulary size against compression",
    description: "Bytes of text that a token says; a line goes through a byte-pair tokenizer with fewer of its merges.",
    panels: [
      {
        x: { label: "tokens in the vocabulary", scale: logarithmic, format: count },
        y: { label: "bytes a token", from: 0 },
        series,
      },
    ],
  });
}

/** The text's beginning, each piece in a colour, with its id and token for those who point at it. */
function pieces({ name, tokenizer }: Reported, text: string): string {
  const { ids, tokens, offsets } = tokenizer.encode(text, { addSpecialTokens: false });
  const shown: string[] = [];
  let done = 0;
  for (const [i, [start, end]] of offsets.entries()) {
    if (start > done) shown.push(`<s>${visible(text.slice(done, start))}</s>`);
    const said = end > done ? visible(text.slice(Math.max(start, done), end)) : "·"; // a further byte of a character
    shown.push(`<i class="c${i % 5}" title="${ids[i]} ${escapeXml(harmless(tokens[i]!))}">${said}</i>`);
    done = Math.max(done, end);
  }
  return `<h2>${escapeXml(name)}</h2>\n<p class="pieces" dir="auto">${shown.join("")}</p>`;
}

const visible = (text: string) => escapeXml(harmless(text)).replaceAll("\n", "↵\n");

function splitWords({ name, measure }: Reported): string {
  const rows = measure.mostSplit
    .filter(({ tokens }) => tokens.length > 1)
    .map(({ word, count: times, tokens }) => {
      const parts = tokens.map((token, i) => `<i class="c${i % 5}">${escapeXml(harmless(token))}</i>`).join("");
      return `<tr><td>${escapeXml(harmless(word.slice(0, 60)))}</td><td>${count(times)}</td><td>${count(tokens.length)}</td><td class="pieces">${parts}</td></tr>`;
    });
  const head = "<tr><th>word</th><th>times</th><th>tokens</th><th>pieces</th></tr>";
  if (rows.length === 0) return `<h2>${escapeXml(name)}: no word is split</h2>`;
  return `<details><summary>${escapeXml(name)}: the words whose splitting costs most tokens</summary>\n<div class="wide"><table><thead>${head}</thead><tbody>\n${rows.join("\n")}\n</tbody></table></div></details>`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; border-bottom: 1px solid #8884; vertical-align: top; }
th, td:not(.pieces) { white-space: nowrap; }
th:first-child, td:first-child, td.pieces { text-align: left; }
svg { max-width: 100%; height: auto; }
.pieces { white-space: pre-wrap; overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .9rem; }
.pieces i { font-style: normal; border-radius: 3px; padding: 1px 0; }
.pieces s { text-decoration: none; opacity: .5; }
.c0 { background: #56b4e955; } .c1 { background: #e69f0055; } .c2 { background: #009e7355; }
.c3 { background: #cc79a755; } .c4 { background: #f0e44266; }
summary { font-weight: bold; margin: 1rem 0 .5rem; cursor: pointer; }
`;
