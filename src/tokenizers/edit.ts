/**
 * An edit of a text that can say where each unit of the result came from: what normalizers are made of. Where a token
 * stands in the text as it was written follows from it (`NormalizedString` of the Rust crate `tokenizers`, 0.23, whose
 * rules for inserted and removed characters these are).
 */

/** An edited text. `source[i]` is the UTF-16 unit of the old text for unit i of the new, -1 for none; absent: unit i. */
export interface Traced {
  readonly text: string;
  readonly source?: Int32Array;
}

export interface Edit {
  /** The new text. `first`: the text begins where the caller's begins. */
  apply(text: string, first: boolean): string;
  /** `apply` with the source of every unit. */
  trace(text: string, first: boolean): Traced;
}

/** Replaces every match of a pattern (flag g), which is one character; what it becomes stands where the character stood. */
export function editCharacters(pattern: RegExp, replacement: (character: string) => string): Edit {
  return {
    apply: (text) => text.replace(pattern, replacement),
    trace(text) {
      let moved = false;
      const edited = text.replace(pattern, (character) => {
        const by = replacement(character);
        if (by.length !== character.length) moved = true;
        return by;
      });
      return moved ? replaceTraced(text, text.matchAll(pattern), replacement, (at) => at) : { text: edited };
    },
  };
}

/**
 * The text with other text in place of matches.
 * @param sourceOf the unit to which the new text belongs, for a match that begins at `at` and ends before `end`.
 */
export function replaceTraced(
  text: string,
  matches: Iterable<RegExpMatchArray>,
  replacement: (match: string) => string,
  sourceOf: (at: number, end: number) => number,
): Traced {
  const parts: string[] = [];
  const sources: [length: number, at: number, step: 0 | 1][] = [];
  let done = 0;
  let changed = false;
  const keep = (to: number) => {
    if (to > done) {
      parts.push(text.slice(done, to));
      sources.push([to - done, done, 1]);
    }
  };
  for (const { 0: match, index } of matches) {
    const at = index ?? 0;
    keep(at);
    done = at + match.length;
    const by = replacement(match);
    parts.push(by);
    sources.push([by.length, sourceOf(at, done), 0]);
    changed = true;
  }
  if (!changed) return { text };
  keep(text.length);
  const result = parts.join("");
  const source = new Int32Array(result.length);
  let next = 0;
  for (const [length, at, step] of sources) for (let i = 0; i < length; i++) source[next++] = at + i * step;
  return { text: result, source };
}

/** A character of a new text: 0 replaces the next one of the old text, 1 is inserted, -n also removes the n that follow. */
export type Change = readonly [character: string, change: number];

/** The new text from its characters. An inserted one belongs to the old character before it, none at the very beginning. */
export function transform(text: string, changes: Iterable<Change>): Traced {
  const parts: string[] = [];
  const source: number[] = [];
  let next = 0; // unit of the old text
  const skip = () => {
    next += (text.codePointAt(next) ?? 0) > 0xffff ? 2 : 1;
  };
  for (const [character, change] of changes) {
    const from = change > 0 ? next - 1 : Math.min(next, text.length - 1);
    if (change <= 0) for (let n = change; n <= 0; n++) skip();
    parts.push(character);
    for (let i = 0; i < character.length; i++) source.push(from);
  }
  return { text: parts.join(""), source: Int32Array.from(source) };
}

/**
 * An edit whose every change lies within one run of characters: the runs are edited one by one, and remembered, for most
 * texts have few and the same; what is between them stays as it is, or becomes what `plain` makes of it.
 * @param runs a pattern (flag g). @param plain gives as many units as it gets.
 */
export function editRuns(edit: Edit, runs: RegExp, plain = (text: string) => text): Edit {
  const kept = new Map<string, Traced>();
  function traced(run: string): Traced {
    const known = kept.get(run);
    if (known) return known;
    const found = edit.trace(run, false);
    if (kept.size >= mostKept) kept.clear();
    if (run.length <= longestKept) kept.set(run, found);
    return found;
  }
  return {
    apply: (text) => plain(text.replace(runs, (run) => traced(run).text)),
    trace(text) {
      const parts: { at: number; length: number; run: Traced }[] = [];
      let moved = false;
      const edited = text.replace(runs, (run: string, ...rest: unknown[]) => {
        const found = traced(run);
        if (found.source) moved = true;
        parts.push({ at: rest.find((one) => typeof one === "number") as number, length: run.length, run: found });
        return found.text;
      });
      if (!moved) return { text: plain(edited) };
      const source = new Int32Array(edited.length);
      let [next, done] = [0, 0];
      const keep = (to: number) => {
        while (done < to) source[next++] = done++;
      };
      for (const { at, length, run } of parts) {
        keep(at);
        for (let i = 0; i < run.text.length; i++) {
          const from = run.source ? run.source[i]! : i;
          source[next++] = from < 0 ? -1 : at + from;
        }
        done = at + length;
      }
      keep(text.length);
      return { text: plain(edited), source };
    },
  };
}

const mostKept = 10_000;
const longestKept = 64;

/** One edit after another. */
export function editSequence(edits: readonly Edit[]): Edit {
  if (edits.length === 1) return edits[0]!;
  return {
    apply: (text, first) => edits.reduce((edited, edit) => edit.apply(edited, first), text),
    trace: (text, first) =>
      edits.reduce<Traced>((before, edit) => composed(before, edit.trace(before.text, first)), { text }),
  };
}

/** The sources of a text edited twice. */
export function composed(before: Traced, after: Traced): Traced {
  if (!before.source || !after.source) return { ...before, ...after };
  const { source } = before;
  return { text: after.text, source: after.source.map((at) => (at < 0 ? -1 : source[at]!)) };
}
