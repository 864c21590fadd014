/** Is a text well-formed XML, as far as figures need it: nesting, attributes, escaping (XML 1.0). */

const NAME = "[A-Za-z_][\\w.:-]*";
const ATTRIBUTE = new RegExp(`\\s+(${NAME})="[^"<]*"`, "g");
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>`, "g");
const REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;

/** Names of the elements in their order; throws an Error that says what is wrong, and where. */
export function checkXml(text: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  let end = 0;
  const fail = (why: string, at: number): never => {
    throw new Error(`XML: ${why} at "${text.slice(at, at + 40)}"`);
  };
  const checkText = (from: number, to: number) => {
    if (/[<>]/.test(text.slice(from, to))) fail("a stray < or >", from);
    if (open.length === 0 && text.slice(from, to).trim() !== "") fail("text outside the root", from);
  };
  if (REFERENCE.test(text)) fail("a bare &", text.search(REFERENCE));
  for (const match of text.matchAll(TAG)) {
    const [tag, closing, name, attributes, empty] = match as unknown as [string, string, string, string, string];
    checkText(end, match.index);
    end = match.index + tag.length;
    const keys = [...attributes.matchAll(ATTRIBUTE)].map(([, key]) => key);
    if (new Set(keys).size < keys.length) fail("an attribute stands twice", match.index);
    if (closing) {
      if (open.pop() !== name) fail(`</${name}> closes nothing`, match.index);
      continue;
    }
    if (open.length === 0 && names.length > 0) fail("a second root", match.index);
    names.push(name);
    if (!empty) open.push(name);
  }
  checkText(end, text.length);
  if (open.length > 0) throw new Error(`XML: <${open.at(-1)}> is not closed`);
  if (names.length === 0) throw new Error("XML: there is no element");
  return names;
}
