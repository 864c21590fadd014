/** A training step's profile as an HTML page that stands alone: the figure, a table by layer, a table by operator. */
import { htmlPage } from "./figures/page.ts";
import { profileSvg } from "./figures/profile.ts";
import { escapeXml } from "./figures/svg.ts";
import { type Folded, foldRepeats, type Passes, type TrainingProfile, totalOf } from "./profile.ts";

interface Options {
  readonly title?: string;
  /** What was measured, and on what: "gpt2, 12 × 64 tokens, 2 threads". */
  readonly subtitle?: string;
}

export function profilePage(profile: TrainingProfile, { title = "Profile", subtitle = "" }: Options = {}): string {
  const { ms, layers, operators, peak, steps } = profile;
  const total = totalOf(ms);
  const rows = foldRepeats(layers).sort((a, b) => totalOf(b.ms) - totalOf(a.ms));
  const summary = `${number(total)} ms a step: ${number(ms.forward)} forward, ${number(ms.backward)} backward, ${number(ms.update)} update; up to ${megabytes(peak)} of intermediate values at once; medians of ${steps} steps.`;
  const content = `<p>${summary}</p>
<div class="figure">${profileSvg(layers, { title: "Time by layer" })}</div>
<p class="quiet">A box is as wide as a layer and its parts take; point at one for its numbers.</p>
<h2>By layer</h2>
<p class="quiet">Layers that repeat stand as one, .* for their numbers; without what is inside of them. “Keeps” is the memory that the forward pass leaves for the backward pass.</p>
${table(
  ["layer", "", "forward", "backward", "update", "ms", "share", "keeps", "parameters"],
  rows.map((row) => layerRow(row, total)),
)}
<h2>By operator</h2>
${table(
  ["operator", "nodes", "ms", "share"],
  operators.map(({ op, nodes, ms }) => [escapeXml(op), String(nodes), number(ms), bar(ms, total)]),
)}`;
  return htmlPage({ title, subtitle, style: STYLE, content });
}

function layerRow({ path, copies, ms, kept, parameters }: Folded, total: number): string[] {
  return [
    path === "" ? "<i>loss and other</i>" : escapeXml(path),
    copies > 1 ? `${copies} ×` : "",
    ...(["forward", "backward", "update"] as const).map((pass) => cell(ms, pass)),
    number(totalOf(ms)),
    bar(totalOf(ms), total),
    kept > 0 ? megabytes(kept) : "",
    parameters > 0 ? parameters.toLocaleString("en-US") : "",
  ];
}

const cell = (ms: Passes, pass: keyof Passes) => (ms[pass] >= 0.005 ? number(ms[pass]) : "");

/** A share as a bar with its number. */
const bar = (part: number, whole: number): string => {
  const share = whole > 0 ? (100 * part) / whole : 0;
  return `<span class="share">${share.toFixed(1)} %</span><span class="bar" style="width:${(share * 1.2).toFixed(1)}px"></span>`;
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const tr = (cells: readonly string[], tag: "th" | "td") =>
    `<tr>${cells.map((content) => `<${tag}>${content}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table><thead>${tr(head, "th")}</thead><tbody>\n${rows.map((row) => tr(row, "td")).join("\n")}\n</tbody></table></div>`;
};

const number = (x: number): string => x.toFixed(2);
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;

const STYLE = `:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--quiet:#59636e;--grid:#e4e8ec;--bar:#0072b2}
@media(prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--quiet:#9198a1;--grid:#262c34;--bar:#56b4e9}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
main{max-width:1000px;margin:0 auto;padding:24px}h1{font-size:24px;margin:0}h2{font-size:18px;margin:32px 0 8px}
.quiet{color:var(--quiet);margin:4px 0}.figure,.wide{overflow-x:auto}.figure{margin:0 -20px}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}th{color:var(--quiet);font-weight:500}
th:first-child,td:first-child{text-align:left;padding-left:0}
td:has(.bar){text-align:left}.share{display:inline-block;width:48px;text-align:right;margin-right:8px}
.bar{display:inline-block;height:9px;background:var(--bar);border-radius:2px;opacity:.7}`;
