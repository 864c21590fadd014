/**
 * A stream that people look at: whether it can be drawn on, in what colours, how wide it is. One line can be pinned to its
 * bottom; what is printed goes above it. Every change is one write, and nothing is erased that is not drawn again at once,
 * so that nothing flickers. Control sequences: ECMA-48.
 */
import { type Paint, paintOf, withoutPaint } from "./paint.ts";

export interface Terminal {
  /** Lines can be drawn again in place. */
  readonly interactive: boolean;
  /** How many letters fit in a line now. */
  readonly columns: number;
  readonly paint: Paint;
  /** Whole lines, above the pinned one. */
  print(text: string): void;
  /** Keeps a line at the bottom, drawn for the columns there are; undefined takes it away. */
  pin(line: ((columns: number) => string) | undefined): void;
  /** Lets something else write to the same screen. */
  aside(write: () => void): void;
}

/** What is needed of a `tty.WriteStream`. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  hasColors?(): boolean;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

const USUAL_COLUMNS = 80;
const ERASE_REST = "\u001b[K";
const ERASE_BELOW = "\u001b[J";
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : "");

export function openTerminal(stream: Stream): Terminal {
  const interactive = stream.isTTY === true && process.env["TERM"] !== "dumb";
  const columns = () => stream.columns || USUAL_COLUMNS;
  let pinned: ((columns: number) => string) | undefined;
  let shown = ""; // what stands in the last line now

  const draw = (): string => {
    shown = pinned?.(columns() - 1) ?? ""; // a full last column would begin another line
    return `${shown}${ERASE_REST}`;
  };
  /** To the start of what is shown: a narrower screen has broken it into several rows. */
  const back = (): string => `${up(Math.ceil(withoutPaint(shown).length / columns()) - 1)}\r`;
  const redraw = () => void stream.write(`${back()}${ERASE_BELOW}${draw()}`);

  return {
    interactive,
    get columns() {
      return columns();
    },
    paint: paintOf(interactive && (stream.hasColors?.() ?? false)),
    print(text) {
      if (pinned) stream.write(`\r${text.replaceAll("\n", `${ERASE_REST}\n`)}${ERASE_REST}\n${draw()}`);
      else stream.write(`${text}\n`);
    },
    pin(line) {
      if (!interactive) return;
      if (line && !pinned) stream.on("resize", redraw);
      if (!line && pinned) stream.off("resize", redraw);
      const before = pinned;
      pinned = line;
      if (line || before) stream.write(`\r${draw()}`);
    },
    aside(write) {
      if (!pinned) return write();
      stream.write(`\r${ERASE_REST}`);
      write();
      stream.write(draw());
    },
  };
}
