/** A terminal for tests: it keeps what is written, and shows what a person would see of it. */
import { EventEmitter } from "node:events";
import { openTerminal, type Stream } from "../src/cli/ui/terminal.ts";

interface FakeOptions {
  readonly isTTY?: boolean;
  readonly colors?: boolean;
  readonly columns?: number;
}

/** `screen()` are the lines of the screen; `written` is every write, in order. */
export function fakeTerminal({ isTTY = true, colors = false, columns = 80 }: FakeOptions = {}) {
  const written: string[] = [];
  const events = new EventEmitter();
  const screen = newScreen(columns);
  const stream: Stream = {
    isTTY,
    get columns() {
      return screen.columns();
    },
    write(text) {
      written.push(text);
      screen.write(text);
    },
    hasColors: () => colors,
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
  };
  return {
    terminal: openTerminal(stream),
    written,
    screen: screen.lines,
    resize(to: number) {
      screen.resize(to);
      events.emit("resize");
    },
    listeners: () => events.listenerCount("resize"),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const PIECE = /\u001b\[(\d*)([A-Za-z])|\n|\r|[^\n\r\u001b]/gu;

/** As much of ECMA-48 as this project writes. A line that is too long goes on in the next row, as in most terminals. */
function newScreen(width: number) {
  let rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const down = () => {
    [row, column] = [row + 1, 0];
    if (row === rows.length) rows.push([]);
  };
  const put = (letter: string) => {
    if (column === width) down();
    rows[row]![column++] = letter;
  };
  return {
    columns: () => width,
    lines: () =>
      rows.map((letters) =>
        Array.from(letters, (letter) => letter ?? " ")
          .join("")
          .trimEnd(),
      ),
    write(text: string) {
      for (const [piece, count, command] of text.matchAll(PIECE)) {
        if (piece === "\n") down();
        else if (piece === "\r") column = 0;
        else if (command === "K") rows[row]!.splice(column);
        else if (command === "J") {
          rows[row]!.splice(column);
          rows.splice(row + 1);
        } else if (command === "A") row = Math.max(0, row - Number(count));
        else if (command === undefined) put(piece);
        else if (command !== "m") throw new Error(`screen: ${JSON.stringify(piece)} is not known`);
      }
    },
    resize(to: number) {
      const before = rows;
      width = to;
      rows = [];
      for (const letters of before) {
        rows.push([]);
        [row, column] = [rows.length - 1, 0];
        for (const letter of letters) put(letter);
      }
    },
  };
}
