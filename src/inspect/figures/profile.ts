/**
 * Where a training step's time goes, as an icicle: a box's width is the time in a layer and all that is inside of it, and
 * below it stand its parts. Each box shows how much of that is forwards, backwards and update. (Kruskal & Landwehr 1983,
 * "Icicle plots".)
 */
import { addPasses, type LayerCost, NOTHING, type Passes, totalOf } from "../profile.ts";
import { element, escapeXml, svgDocument, text } from "./svg.ts";
import { style } from "./theme.ts";

const WIDTH = 960;
const SIDE = 20;
const TOP = 84;
const ROW = 30;
const LETTER = 6.6; // pixels that a letter takes, about
const NARROW = 0.4; // pixels below which a box would not be seen

interface Branch {
  readonly name: string;
  readonly path: string;
  ms: Passes;
  readonly parts: Map<string, Branch>;
}

/** Colours of the passes: the theme's classes. */
const PASSES = [
  ["forward", "c0"],
  ["backward", "c1"],
  ["update", "c2"],
] as const;

export function profileSvg(layers: readonly LayerCost[], { title = "A training step" } = {}): string {
  const tree = treeOf(layers);
  const total = totalOf(tree.ms);
  const scale = total > 0 ? (WIDTH - 2 * SIDE) / total : 0;
  const boxes: string[] = [];
  let depth = 0;
  const draw = (branch: Branch, x: number, level: number): void => {
    depth = Math.max(depth, level);
    boxes.push(box(branch, { x, y: TOP + level * ROW, width: totalOf(branch.ms) * scale, total }));
    for (const part of [...branch.parts.values()].sort(byNumber)) {
      const width = totalOf(part.ms) * scale;
      if (width >= NARROW) draw(part, x, level + 1);
      x += width;
    }
  };
  draw(tree, SIDE, 0);
  const ms = (pass: keyof Passes) => `${tree.ms[pass].toFixed(1)} ms ${pass}`;
  return svgDocument(
    {
      width: WIDTH,
      height: TOP + (depth + 1) * ROW + SIDE,
      title,
      description: `${ms("forward")}, ${ms("backward")}, ${ms("update")}; a box's width is the time of a layer and its parts.`,
      style,
    },
    [
      text(title, { class: "title", x: SIDE, y: 28 }),
      ...PASSES.flatMap(([pass, color], i) => [
        element("rect", {
          class: `dot ${color}`,
          x: SIDE + 170 * i,
          y: 46,
          width: 12,
          height: 12,
          "fill-opacity": 0.75,
        }),
        text(ms(pass), { class: "name", x: SIDE + 18 + 170 * i, y: 56 }),
      ]),
      ...boxes,
    ],
  );
}

/** Blocks by their numbers; all else as it ran. */
const byNumber = (a: Branch, b: Branch): number =>
  /^\d+$/.test(a.name + b.name) ? Number(a.name) - Number(b.name) : 0;

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly total: number;
}

function box({ name, path, ms }: Branch, { x, y, width, total }: Place): string {
  const own = totalOf(ms);
  const words = `${path || "all"}: ${own.toFixed(2)} ms, ${((100 * own) / total).toFixed(1)} % (${PASSES.map(([pass]) => `${pass} ${ms[pass].toFixed(2)}`).join(", ")})`;
  let from = x;
  const parts = PASSES.map(([pass, color]) => {
    const part = own > 0 ? (width * ms[pass]) / own : 0;
    from += part;
    return element("rect", {
      class: `dot ${color}`,
      x: from - part,
      y,
      width: part,
      height: ROW - 6,
      "fill-opacity": 0.75,
    });
  });
  const fits = name.length * LETTER + 8 < width;
  return element("g", {}, [
    `<title>${escapeXml(words)}</title>`,
    ...parts,
    element("rect", { class: "grid", x, y, width, height: ROW - 6, fill: "none" }),
    ...(fits ? [text(name, { class: "note", x: x + 5, y: y + 16 })] : []),
  ]);
}

function treeOf(layers: readonly LayerCost[]): Branch {
  const root: Branch = { name: "all", path: "", ms: NOTHING, parts: new Map() };
  for (const { path, ms } of layers) {
    root.ms = addPasses(root.ms, ms);
    let at = root;
    for (const name of path === "" ? ["loss and other"] : path.split(".")) {
      const part = at.parts.get(name) ?? {
        name,
        path: at.path === "" ? name : `${at.path}.${name}`,
        ms: NOTHING,
        parts: new Map<string, Branch>(),
      };
      at.parts.set(name, part);
      part.ms = addPasses(part.ms, ms);
      at = part;
    }
  }
  return root;
}
