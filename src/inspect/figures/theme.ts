/**
 * The look of figures: colours that are told apart by colour-blind readers (Okabe & Ito 2008), on light and on dark paper.
 * No CSS variables: many viewers of SVG do not know them.
 */

interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly quiet: string;
  readonly grid: string;
  readonly colors: readonly string[];
}

const LIGHT: Theme = {
  paper: "#ffffff",
  ink: "#1f2328",
  quiet: "#59636e",
  grid: "#e4e8ec",
  colors: ["#0072b2", "#d55e00", "#009e73", "#b0559a", "#8a6d00", "#56a0d3", "#7a4fd0", "#555555"],
};
const DARK: Theme = {
  paper: "#0d1117",
  ink: "#e6edf3",
  quiet: "#9198a1",
  grid: "#262c34",
  colors: ["#56b4e9", "#ff9d3c", "#2ec79c", "#e59bc8", "#e8d44d", "#8fc7f0", "#b79cff", "#c0c0c0"],
};

/** How many series have a colour of their own: classes "c0", "c1" …; then they begin again. */
export const COLORS = LIGHT.colors.length;

const paint = ({ paper, ink, quiet, grid, colors }: Theme): string =>
  [
    `.paper{fill:${paper}}text{fill:${quiet}}.title,.name,.note{fill:${ink}}.note{stroke:${paper}}`,
    `.grid{stroke:${grid}}.axis,.rule{stroke:${quiet}}.ring{stroke:${ink}}`,
    ...colors.map((color, i) => `.c${i}{stroke:${color}}.dot.c${i}{fill:${color}}`),
  ].join("");

export const style = [
  "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}",
  ".title{font-size:15px;font-weight:600}",
  ".line,.thin,.rule,.ring{fill:none;stroke-linejoin:round;stroke-linecap:round}",
  ".line{stroke-width:2}.thin{stroke-opacity:.35}.rule{stroke-width:1.5;stroke-dasharray:5 4}.ring{stroke-width:2}",
  ".dot{stroke-width:0}.note{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}",
  paint(LIGHT),
  `@media (prefers-color-scheme:dark){${paint(DARK)}}`,
].join("");
