/**
 * SentencePiece's normalization, compiled into a trie of what to replace by what (`precompiled_charsmap` in its model
 * files; `normalizer.cc`): a double array (Aoe 1989; S. Yata's Darts-clone) and the texts, each ended by a zero.
 */
import { type Change, type Edit, editRuns, transform } from "../edit.ts";

/** @throws for bytes that are no such table. @param place for the error. */
export function precompiled(charsmap: Uint8Array, place: string): Edit {
  const view = new DataView(charsmap.buffer, charsmap.byteOffset, charsmap.byteLength);
  const size = charsmap.length >= 4 ? view.getUint32(0, true) : -1;
  if (size < 4 || size % 4 !== 0 || 4 + size > charsmap.length)
    throw new Error(`${place}: its trie has ${size} bytes, but the whole has ${charsmap.length}`);
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const texts = charsmap.subarray(4 + size);
  const utf8 = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** What the shortest key that begins the text becomes; undefined if none does. */
  function search(text: string): string | undefined {
    const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >>> 6);
    let node = offset(units[0]!);
    for (const byte of utf8.encode(text)) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offset(unit);
      if (unit & 0x100) {
        const at = (units[node] ?? 0) & 0x7fffffff;
        const end = texts.indexOf(0, at);
        return decoder.decode(texts.subarray(at, end < 0 ? texts.length : end));
      }
    }
    return undefined;
  }

  const found = new Map<string, string | undefined>();
  function lookUp(text: string): string | undefined {
    if (found.has(text)) return found.get(text);
    const by = search(text);
    if (found.size < 20_000) found.set(text, by);
    return by;
  }

  /** The characters of ASCII that are replaced, and everything beyond ASCII: the rest is passed over at once. */
  const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).filter(
    (c) => search(c) !== undefined,
  );
  const hex = (c: string) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`;
  const touched = ascii.length > 0 ? `|[${ascii.map(hex).join("")}]` : "";
  const runs = new RegExp(String.raw`\r\n|[\0-\x7f]?[^\0-\x7f]+${touched}`, "g"); // no cluster reaches beyond one
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

  /** What becomes of the characters; how many of them go before the first that stays. */
  function changes(text: string): { list: Change[]; changed: boolean; lost: number } {
    const list: Change[] = [];
    let changed = false;
    let lost = 0;
    const replaced = (old: string, by: string) => {
      const [before, after] = [[...old].length, [...by]];
      for (const [i, character] of after.entries()) list.push([character, i < before ? 0 : 1]);
      const last = list.at(-1);
      if (after.length < before && last) list[list.length - 1] = [last[0], last[1] + after.length - before];
      else if (after.length < before) lost += before;
      changed = true;
    };
    for (const grapheme of clusters(text, graphemes)) {
      const whole = grapheme.length < 6 && utf8.encode(grapheme).length < 6 ? lookUp(grapheme) : undefined;
      if (whole !== undefined) {
        replaced(grapheme, whole);
        continue;
      }
      for (const character of grapheme) {
        const by = lookUp(character);
        if (by === undefined) list.push([character, 0]);
        else replaced(character, by);
      }
    }
    return { list, changed, lost };
  }

  const inRun: Edit = {
    apply: (text) => inRun.trace(text, false).text,
    trace(text) {
      const { list, changed, lost } = changes(text);
      if (!changed) return { text };
      const gone = lost === 0 ? 0 : [...text].slice(0, lost).join("").length;
      const { text: edited, source } = transform(text.slice(gone), list);
      return { text: edited, ...(source && { source: source.map((at) => (at < 0 ? at : at + gone)) }) };
    },
  };
  const byRuns = editRuns(inRun, runs);
  const atStart = new RegExp(`^(?:${runs.source})`);
  return {
    apply: byRuns.apply,
    trace(text, first) {
      const run = atStart.exec(text)?.[0];
      if (run === undefined || changes(run).lost === 0) return byRuns.trace(text, first);
      return transform(text, changes(text).list); // Rust forgets what goes before all else: every place is off by it
    },
  };
}

/** What a reader takes for one character. The engine is asked only where more than ASCII stands: that is slow. */
function* clusters(text: string, graphemes: Intl.Segmenter): Iterable<string> {
  for (const [part] of text.matchAll(/\r\n|[\0-\x7f](?![^\0-\x7f])|[\0-\x7f]?[^\0-\x7f]+/g))
    if (part.length === 1 || part === "\r\n") yield part;
    else for (const { segment } of graphemes.segment(part)) yield segment;
}
