/** SVG as text (https://www.w3.org/TR/SVG2/): elements, escaping, and the document around a figure. */

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element; attributes that are undefined are left out, and text content is escaped by `text`. */
export function element(name: string, attributes: Attributes = {}, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(typeof value === "number" ? short(value) : String(value))}"`)
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

export const text = (content: string, attributes: Attributes = {}): string =>
  element("text", attributes, [escapeXml(content)]);

/** A line through points in pixels; where a coordinate is no finite number, it is interrupted. */
export function path(points: readonly (readonly [x: number, y: number])[]): string {
  let pen = "M";
  const commands: string[] = [];
  for (const [x, y] of points) {
    const drawn = Number.isFinite(x) && Number.isFinite(y);
    if (drawn) commands.push(`${pen}${short(x)} ${short(y)}`);
    pen = drawn ? "L" : "M";
  }
  return commands.join("");
}

interface Document {
  readonly width: number;
  readonly height: number;
  /** Said by screen readers and shown by browsers. */
  readonly title: string;
  readonly description: string;
  readonly style: string;
}

/** A figure that stands alone: it loads nothing and follows the reader's light or dark scheme. */
export const svgDocument = ({ width, height, title, description, style }: Document, body: readonly string[]): string =>
  element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": title,
    },
    [
      `<title>${escapeXml(title)}</title>`,
      `<desc>${escapeXml(description)}</desc>`,
      `<style>${style}</style>`,
      element("rect", { class: "paper", width, height }),
      ...body.map((part) => `\n${part}`),
      "\n",
    ],
  );

/** Text for XML: markup is escaped, and characters that XML 1.0 cannot hold become "�". */
export const escapeXml = (s: string): string =>
  s
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones XML forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");

const short = (value: number): string => String(Math.round(value * 100) / 100);
