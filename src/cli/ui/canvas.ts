/** Drawing in letters: braille patterns have 2 x 4 dots (Unicode, block 2800), so lines are finer than a letter. */
import type { Color, Paint } from "./paint.ts";

export interface Canvas {
  /** A line between two places; x and y run from 0 (left, bottom) to 1 (right, top). */
  line(from: Place, to: Place, color: Color): void;
  /** One letter over whatever is drawn there. */
  mark(at: Place, letter: string, color: Color): void;
  /** One letter in every place of a row where nothing is drawn. */
  level(y: number, letter: string, color: Color): void;
  rows(paint: Paint): string[];
}
export type Place = readonly [x: number, y: number];

/** The bit of each dot of a cell: column by column, from the top. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

interface Cell {
  dots: number;
  letter?: string;
  color?: Color;
}

/** Sizes in letters. */
export function canvas(width: number, height: number): Canvas {
  const cells: Cell[][] = Array.from({ length: height }, () => Array.from({ length: width }, () => ({ dots: 0 })));
  const [right, bottom] = [2 * width - 1, 4 * height - 1]; // in dots
  const dotOf = ([x, y]: Place): Place => [Math.round(x * right), Math.round((1 - y) * bottom)];
  const cellOf = ([x, y]: Place): Cell | undefined => cells[Math.floor(y / 4)]?.[Math.floor(x / 2)];

  return {
    line(from, to, color) {
      const [[x0, y0], [x1, y1]] = [dotOf(from), dotOf(to)];
      const steps = Math.max(1, Math.abs(x1 - x0), Math.abs(y1 - y0));
      for (let i = 0; i <= steps; i++) {
        const dot: Place = [Math.round(x0 + ((x1 - x0) * i) / steps), Math.round(y0 + ((y1 - y0) * i) / steps)];
        const cell = cellOf(dot);
        if (!cell) continue;
        cell.dots |= DOTS[(dot[0] % 2) as 0 | 1][(dot[1] % 4) as 0 | 1 | 2 | 3];
        cell.color = color;
      }
    },
    mark(at, letter, color) {
      const cell = cellOf(dotOf(at));
      if (cell) Object.assign(cell, { letter, color });
    },
    level(y, letter, color) {
      for (const cell of cells[Math.floor(dotOf([0, y])[1] / 4)] ?? [])
        if (cell.dots === 0 && cell.letter === undefined) Object.assign(cell, { letter, color });
    },
    rows: (paint) =>
      cells.map((row) =>
        row
          .map(({ letter, dots, color }) => {
            const shown = letter ?? (dots === 0 ? " " : String.fromCodePoint(0x2800 + dots));
            return color ? paint(color, shown) : shown;
          })
          .join(""),
      ),
  };
}
