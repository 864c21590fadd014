/** Sentences with their alignments as an HTML page that stands alone; worst first it is an error analysis. */
import { type Alignment, alignmentSvg } from "./figures/alignment.ts";
import { htmlPage } from "./figures/page.ts";
import { escapeXml } from "./figures/svg.ts";

export interface AlignedText {
  readonly source: string;
  readonly output: string;
  readonly reference?: string;
  /** Of the output against the reference, in percent. */
  readonly score?: number;
  /** None: the model has no attention. */
  readonly alignment?: Alignment;
}

interface Options {
  readonly title?: string;
  /** What is shown, and of which model. */
  readonly subtitle?: string;
  /** What `score` is: "sentence BLEU". */
  readonly scoreName?: string;
}

/** A table of the texts with their scores, where there are some; then each with its alignment. */
export function alignmentPage(
  texts: readonly AlignedText[],
  { title = "Alignments", subtitle = "", scoreName = "score" }: Options = {},
): string {
  const sections = texts.map((text, i) => section(text, i + 1, scoreName));
  const isScored = texts.length > 1 && texts.every(({ score }) => score !== undefined);
  const content = [...(isScored ? [overview(texts, scoreName)] : []), ...sections].join("\n");
  return htmlPage({ title, subtitle, style: STYLE, content });
}

/** A row for each text, which leads to its section. */
function overview(texts: readonly AlignedText[], scoreName: string): string {
  const rows = texts.map(({ source, output, reference = "", score }, i) => {
    const cells = [source, written(output), reference].map((text) => `<td>${escapeXml(text)}</td>`);
    return `<tr><td><a href="#text${i + 1}">${i + 1}</a></td><td>${score!.toFixed(1)}</td>${cells.join("")}</tr>`;
  });
  const heads = ["", scoreName, "source", "output", "reference"].map((head) => `<th>${escapeXml(head)}</th>`);
  return `<table class="overview"><tr>${heads.join("")}</tr>\n${rows.join("\n")}\n</table>`;
}

const written = (output: string): string => (output === "" ? "(nothing)" : output);

function section({ source, output, reference, score, alignment }: AlignedText, number: number, scoreName: string) {
  const said = score === undefined ? "" : ` <span class="quiet">${escapeXml(scoreName)} ${score.toFixed(1)}</span>`;
  const rows = [
    ["source", source],
    ["output", written(output)],
    ...(reference === undefined ? [] : [["reference", reference]]),
  ];
  const figure = alignment
    ? `<div class="figure">${alignmentSvg(alignment, { title: "What was read for each word" }).replaceAll('"hatch"', `"hatch${number}"`).replaceAll("#hatch)", `#hatch${number})`)}</div>`
    : "";
  return `<section id="text${number}">
<h2>${number}${said}</h2>
<table>${rows.map(([name, text]) => `<tr><th>${name}</th><td>${escapeXml(text!)}</td></tr>`).join("")}</table>
${figure}
</section>`;
}

const STYLE = [
  ":root{color-scheme:light dark}body{margin:0;font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;background:light-dark(#fff,#0d1117);color:light-dark(#1f2328,#e6edf3)}",
  "main{max-width:60rem;margin:0 auto;padding:1.5rem}h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:2rem 0 .3rem}.quiet,th{color:light-dark(#59636e,#9198a1);font-weight:400}",
  "table{border-collapse:collapse}th{text-align:left;vertical-align:top;padding:.1rem 1rem .1rem 0;white-space:nowrap}td{padding:.1rem 0}a{color:inherit}.overview{margin-top:1rem}.overview td,.overview th{padding:.2rem 1rem .2rem 0;vertical-align:top}.figure{overflow-x:auto;margin-top:.5rem}",
].join("");
