/**
 * Which word of the source was read for each word that was written, as a heat map (Bahdanau et al. 2015, figure 3): the
 * source along the top, the target down the side, the weight on hover.
 */
import { element, escapeXml, svgDocument, text } from "./svg.ts";
import { style } from "./theme.ts";

export interface Alignment {
  /** What was read, word by word; what is behind `sourceLength` is padding. */
  readonly source: readonly string[];
  readonly sourceLength?: number;
  readonly target: readonly string[];
  /** How much of each source word was read for a target word: [target, source], row by row. */
  readonly weights: ArrayLike<number>;
}

const CELL = 26;
const LETTER = 7.2; // pixels of a label's letter, about
const TILT = 0.72; // of a label above, which leans to the right: sine of about 46°
const MARGIN = 16;

/** A self-contained SVG. Padding is hatched, and its words are struck through. */
export function alignmentSvg(alignment: Alignment, { title = "Alignment" } = {}): string {
  const { source, target, weights, sourceLength = source.length } = alignment;
  const names = source.map((word, s) => (s < sourceLength ? visible(word) : "pad"));
  const left = MARGIN + Math.max(40, ...target.map((word) => visible(word).length * LETTER)) + 8;
  const above = 40 + Math.max(30, ...names.map((word) => word.length * LETTER * TILT)) + 10;
  const reach = Math.max(...names.map((word, s) => (s + 0.5) * CELL + word.length * LETTER * TILT));
  const width = Math.ceil(left + Math.max(source.length * CELL, reach) + MARGIN);
  const height = Math.ceil(above + target.length * CELL + MARGIN);
  const cells = target.flatMap((written, t) =>
    source.map((word, s) => {
      const weight = weights[t * source.length + s]!;
      const isPad = s >= sourceLength;
      const what = isPad ? "padding" : `“${visible(word)}”`;
      return element(
        "rect",
        {
          class: isPad ? "cell pad" : "cell",
          x: left + s * CELL,
          y: above + t * CELL,
          width: CELL,
          height: CELL,
          "fill-opacity": isPad ? undefined : Math.round(1000 * weight) / 1000,
        },
        [`<title>${escapeXml(`“${visible(written)}” ← ${what}: ${weight.toFixed(3)}`)}</title>`],
      );
    }),
  );
  const columns = names.map((word, s) => {
    const [x, y] = [left + (s + 0.5) * CELL, above - 8];
    return text(word, { class: s < sourceLength ? "word" : "word gone", x, y, transform: `rotate(-46 ${x} ${y})` });
  });
  const rows = target.map((word, t) =>
    text(visible(word), { class: "word", x: left - 8, y: above + (t + 0.5) * CELL + 4, "text-anchor": "end" }),
  );
  const description = `Source: ${names.join(" ")}. Target: ${target.map(visible).join(" ")}.`;
  return svgDocument({ width: Math.max(width, 320), height, title, description, style: `${style}${STYLE}` }, [
    HATCH,
    text(title, { class: "title", x: MARGIN, y: 26 }),
    ...columns,
    ...rows,
    ...cells,
  ]);
}

const HATCH =
  '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="axis" x1="0" y1="0" x2="0" y2="6" stroke-opacity=".35"/></pattern></defs>';

const STYLE = [
  ".cell{fill:#0072b2;stroke:#e4e8ec}.cell:hover{stroke:#d55e00;stroke-width:2}",
  ".cell.pad{fill:url(#hatch)}.word{fill:#1f2328}.word.gone{fill:#59636e;text-decoration:line-through}",
  "@media (prefers-color-scheme:dark){.cell{fill:#56b4e9;stroke:#262c34}.word{fill:#e6edf3}.word.gone{fill:#9198a1}}",
].join("");

/** A token that is no letter is shown by a sign: a space, a line's end, a text's end. */
const visible = (word: string): string => (word === " " ? "␣" : word.replaceAll("\n", "⏎"));
