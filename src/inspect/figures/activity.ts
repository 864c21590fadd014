/** Units' activity over a text as heat maps: a column a token, a row a unit, the number on hover. */
import { element, escapeXml, svgDocument, text } from "./svg.ts";
import { style } from "./theme.ts";

export interface ActivityMap {
  readonly name: string;
  /** "positive": from 0 to 1; "signed": from −1 to 1, or as far as it goes. */
  readonly domain: "positive" | "signed";
  readonly units: number;
  /** [T, units] */
  readonly values: ArrayLike<number>;
}

const CELL = { width: 13, height: 9 };
const PLACE = { left: 60, top: 48, between: 64 };

/**
 * A self-contained SVG. `most` units of each map are drawn: those that move most over the text, in their own order.
 * `tokens` are what the columns are called.
 */
export function activitySvg(
  tokens: readonly string[],
  maps: readonly ActivityMap[],
  { title = "Activity over the text", most = 12 } = {},
): string {
  const drawn = maps.map((map) => ({ ...map, rows: liveliest(map, tokens.length, most) }));
  let y = PLACE.top;
  const parts: string[] = [];
  for (const { rows, ...map } of drawn) {
    parts.push(text(map.name, { class: "name", x: 20, y: y + 12 }), ...drawMap(map, rows, tokens, y + 22));
    y += rows.length * CELL.height + PLACE.between;
  }
  const width = Math.max(760, PLACE.left + tokens.length * CELL.width + 20);
  const description = `${maps.map(({ name, units }) => `${name}: ${units} units`).join("; ")}; over ${tokens.length} tokens.`;
  return svgDocument({ width, height: y, title, description, style }, [
    text(title, { class: "title", x: 20, y: 28 }),
    ...parts,
  ]);
}

function drawMap(map: ActivityMap, rows: readonly number[], tokens: readonly string[], top: number): string[] {
  const { domain, units, values } = map;
  let largest = 1;
  if (domain === "signed") for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  const cells = rows.flatMap((unit, row) =>
    tokens.map((token, t) => {
      const value = values[t * units + unit]!;
      const at = { x: PLACE.left + t * CELL.width, y: top + row * CELL.height };
      return element("rect", { ...at, ...CELL, fill: colorOf(value / largest, domain) }, [
        `<title>${escapeXml(`unit ${unit}, “${visible(token)}”: ${value.toFixed(3)}`)}</title>`,
      ]);
    }),
  );
  const labels = rows.map((unit, row) =>
    text(String(unit), { x: PLACE.left - 6, y: top + (row + 1) * CELL.height - 1, "text-anchor": "end" }),
  );
  const below = top + rows.length * CELL.height + 13;
  const letters = tokens.map((token, t) =>
    text(visible(token).slice(0, 2), { x: PLACE.left + (t + 0.5) * CELL.width, y: below, "text-anchor": "middle" }),
  );
  return [element("g", {}, cells), ...labels.filter((_, row) => row % 2 === 0), ...letters];
}

/** The units with the largest variance, in their own order. */
function liveliest({ units, values }: ActivityMap, T: number, most: number): number[] {
  const variance = Array.from({ length: units }, (_, unit) => {
    let [sum, squares] = [0, 0];
    for (let t = 0; t < T; t++) {
      const x = values[t * units + unit]!;
      sum += x;
      squares += x * x;
    }
    return squares / T - (sum / T) ** 2;
  });
  const order = [...variance.keys()].sort((a, b) => variance[b]! - variance[a]!);
  return order.slice(0, most).sort((a, b) => a - b);
}

/** Blue below 0 and orange above it, white at 0: told apart by colour-blind readers. */
function colorOf(share: number, domain: ActivityMap["domain"]): string {
  const x = Math.max(-1, Math.min(1, share));
  const [r, g, b] = domain === "signed" && x < 0 ? [0, 114, 178] : domain === "signed" ? [213, 94, 0] : [0, 114, 178];
  const mix = (channel: number) => Math.round(255 + (channel - 255) * Math.abs(x));
  return `rgb(${mix(r)},${mix(g)},${mix(b)})`;
}

const visible = (token: string) => token.replace(/\n/g, "⏎").replace(/ /g, "␣");
