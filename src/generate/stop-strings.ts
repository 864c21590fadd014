/** Text as it comes, up to the first of some strings: nothing of that string gets out, however the text is cut in pieces. */

export interface StopStrings {
  /** What of the text so far can be shown; a possible beginning of a stop string is held back. */
  push(piece: string): string;
  /** What was held back, when no more text comes. */
  end(): string;
  /** Whether one has come. */
  readonly found: boolean;
}

/** The one that counts is the first to be complete; of those complete at the same place, the one that begins first. */
export function stopStrings(strings: readonly string[]): StopStrings {
  let held = "";
  let found = false;
  const show = (length: number, keep: string) => {
    const shown = held.slice(0, length);
    held = keep;
    return shown;
  };
  return {
    get found() {
      return found;
    },
    push(piece) {
      if (found) return "";
      held += piece;
      const places = strings.flatMap((stop) => {
        const start = held.indexOf(stop);
        return start < 0 ? [] : [{ start, end: start + stop.length }];
      });
      const [first] = places.sort((a, b) => a.end - b.end || a.start - b.start);
      if (first) {
        found = true;
        return show(first.start, "");
      }
      const length = held.length - Math.max(0, ...strings.map((stop) => overlap(held, stop)));
      return show(length, held.slice(length));
    },
    end: () => show(held.length, ""),
  };
}

/** How much of the text's end is a beginning of `stop`, but not all of it. */
function overlap(text: string, stop: string): number {
  let length = Math.min(text.length, stop.length - 1);
  while (!text.endsWith(stop.slice(0, length))) length--;
  return length;
}
