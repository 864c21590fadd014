/**
 * Regular expressions of `tokenizer.json`, which are Oniguruma's in Ruby's dialect, as JavaScript's. Spaces, words and
 * digits are Unicode's; `^` and `$` are a line's; `a++` and `(?>a)` give nothing back. What JavaScript cannot say
 * throws, and so does a repetition of a repetition, `(a+)+`: it can take exponential time, and no match can be stopped.
 */
import { show } from "./check-json.ts";
import { caseVariants, letterClass, literal, namedClass, rangeClass } from "./regex-class.ts";

interface Part {
  out: string;
  /** It is one unbounded repetition, beside what may be absent: it must not be repeated without bound. */
  repeats: boolean;
}

const controls: { readonly [letter: string]: string } = {
  n: "\n",
  t: "\t",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b",
};
const word = letterClass("w");
const anchors: { readonly [letter: string]: string } = {
  A: String.raw`(?<![\s\S])`,
  z: String.raw`(?![\s\S])`,
  Z: String.raw`(?=\n?(?![\s\S]))`,
  b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};
const lookarounds = ["?=", "?!", "?<=", "?<!"];

/** @throws naming the construct and what to do. @param place where in the file, for the error. */
export function onigurumaRegex(source: string, place: string): RegExp {
  const text = [...source];
  let i = 0;
  let atomics = 0;

  const fault = (what: string) =>
    new Error(
      `${place}: the regular expression ${show(source)} ${what}; write it without, or use another pre-tokenizer`,
    );
  const at = (expected: string) => text.slice(i, i + expected.length).join("") === expected;
  const take = (expected: string) => {
    if (!at(expected)) return false;
    i += expected.length;
    return true;
  };
  const until = (end: string) => {
    const from = i;
    while (i < text.length && text[i] !== end) i++;
    return text.slice(from, i++).join("");
  };

  function alternatives(ignoreCase: boolean, dotAll: boolean): Part {
    const parts: Part[] = [{ out: "", repeats: false }];
    let required = 0;
    let unbounded = 0;
    while (i < text.length && text[i] !== ")") {
      const part = parts.at(-1)!;
      if (take("|")) {
        parts.push({ out: "", repeats: false });
        [required, unbounded] = [0, 0];
        continue;
      }
      if (/^\(\?[imx-]+\)/.test(text.slice(i, i + 8).join(""))) {
        i += 2;
        const rest = alternatives(...flags(until(")"), ignoreCase, dotAll)); // to the end of the group
        part.out += `(?:${rest.out})`;
        break;
      }
      const { out, repeats } = atom(ignoreCase, dotAll);
      const { quantifier, least, most, possessive } = quantity();
      if (repeats && most > 1 && !possessive && most === Number.POSITIVE_INFINITY)
        throw fault("repeats a repetition, which can take exponential time");
      if (least > 0) required++;
      if (most === Number.POSITIVE_INFINITY || (repeats && most > 0)) unbounded++;
      part.repeats = unbounded > 0 && required <= 1;
      part.out += possessive ? atomic(out + quantifier) : out + quantifier;
    }
    return { out: parts.map(({ out }) => out).join("|"), repeats: parts.some(({ repeats }) => repeats) };
  }

  const atomic = (out: string) => `(?=(?<once${++atomics}>${out}))\\k<once${atomics}>`;

  function quantity() {
    const from = i;
    let [least, most] = [1, 1];
    const counts = text
      .slice(i, i + 16)
      .join("")
      .match(/^\{(\d*)(,?)(\d*)\}/);
    if (take("*")) [least, most] = [0, Number.POSITIVE_INFINITY];
    else if (take("+")) [least, most] = [1, Number.POSITIVE_INFINITY];
    else if (take("?")) [least, most] = [0, 1];
    else if (counts && counts[0] !== "{}" && counts[0] !== "{,}") {
      i += counts[0].length;
      least = Number(counts[1]);
      most = counts[2] === "" ? least : counts[3] === "" ? Number.POSITIVE_INFINITY : Number(counts[3]);
      const quantifier = `{${least},${most === Number.POSITIVE_INFINITY ? "" : most}}${take("?") ? "?" : ""}`;
      return { quantifier, least, most, possessive: false };
    }
    const possessive = i > from && take("+");
    if (!possessive && i > from) take("?");
    return {
      quantifier: text
        .slice(from, i)
        .join("")
        .replace(possessive ? /\+$/ : /$^/, ""),
      least,
      most,
      possessive,
    };
  }

  function atom(ignoreCase: boolean, dotAll: boolean): Part {
    const plain = (out: string): Part => ({ out, repeats: false });
    if (take("(")) return group(ignoreCase, dotAll);
    if (take("[")) return plain(characterClass(ignoreCase));
    if (take(".")) return plain(dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`);
    if (take("^")) return plain(String.raw`(?<![^\n])`);
    if (take("$")) return plain(String.raw`(?![^\n])`);
    if (at("\\") && Object.hasOwn(anchors, text[i + 1] ?? "")) {
      i += 2;
      return plain(anchors[text[i - 1]!]!);
    }
    if (at("*") || at("+") || at("?")) throw fault(`has nothing before its ${text[i]}`);
    const character = at("\\") ? escaped() : { single: text[i++]! };
    if ("set" in character) return plain(character.set);
    const variants = ignoreCase ? caseVariants(character.single) : [character.single];
    return plain(variants.length > 1 ? `[${variants.map(literal).join("")}]` : literal(character.single));
  }

  function group(ignoreCase: boolean, dotAll: boolean): Part {
    const wrap = (open: string, inside: Part): Part => {
      if (!take(")")) throw fault('has a "(" without its ")"');
      return { out: `(${open}${inside.out})`, repeats: inside.repeats && open === "?:" };
    };
    const lookaround = lookarounds.find(take);
    if (lookaround) return wrap(lookaround, alternatives(ignoreCase, dotAll));
    if (take("?>")) {
      const inside = wrap("?:", alternatives(ignoreCase, dotAll));
      return { out: `(?:${atomic(inside.out)})`, repeats: false };
    }
    if (take("?#")) {
      until(")");
      return { out: "", repeats: false };
    }
    if (take("?<"))
      until(">"); // a name, which nothing can refer to
    else if (take("?")) {
      const given = until(":");
      if (!/^[imx]*(-[imx]*)?$/.test(given)) throw fault(`has "(?${given.slice(0, 3)}", which JavaScript cannot say`);
      return wrap("?:", alternatives(...flags(given, ignoreCase, dotAll)));
    }
    return wrap("?:", alternatives(ignoreCase, dotAll));
  }

  function flags(given: string, ignoreCase: boolean, dotAll: boolean): [ignoreCase: boolean, dotAll: boolean] {
    const [on = "", off = ""] = given.split("-");
    if (given.includes("x")) throw fault('has the flag "x", which JavaScript does not know');
    const set = (flag: string, before: boolean) => (on.includes(flag) ? true : off.includes(flag) ? false : before);
    return [set("i", ignoreCase), set("m", dotAll)]; // Ruby's m: a dot is any character
  }

  function escaped(): { single: string } | { set: string } {
    i++;
    const letter = text[i++];
    if (letter === undefined) throw fault('ends with "\\"');
    const set = letterClass(letter);
    if (set) return { set };
    if (letter === "p" || letter === "P") {
      if (!take("{")) throw fault(`has "\\${letter}" without a name`);
      const name = until("}");
      const property = namedClass(name, letter === "P");
      if (!property) throw fault(`has the unknown property "\\${letter}{${name}}"`);
      return { set: property };
    }
    if (letter === "R") return { set: String.raw`(?:\r\n|[\n-\r\x85\u2028\u2029])` };
    if (letter === "x" || letter === "u") {
      const digits = take("{") ? until("}") : text.slice(i, i + (letter === "x" ? 2 : 4)).join("");
      if (text[i - 1] !== "}") i += digits.length;
      const code = /^[0-9a-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
      if (!(code <= 0x10ffff)) throw fault(`has "\\${letter}${digits}", which is no character`);
      return { single: String.fromCodePoint(code) };
    }
    const control = controls[letter];
    if (control) return { single: control };
    if (letter === "0") return { single: "\0" };
    if (/[A-Za-z1-9]/.test(letter)) throw fault(`has "\\${letter}", which JavaScript cannot say`);
    return { single: letter };
  }

  function characterClass(ignoreCase: boolean): string {
    const not = take("^") ? "^" : "";
    const sides = [""];
    const add = (inside: string) => sides.push(sides.pop()! + inside);
    for (let first = true; first || !at("]"); first = false) {
      if (i >= text.length) throw fault('has a "[" without its "]"');
      if (take("&&")) {
        sides.push("");
        continue;
      }
      if (take("[:")) {
        const name = until(":");
        const set = take("]") ? namedClass(name, false) : undefined;
        if (!set) throw fault(`has the unknown class "[:${name}:]"`);
        add(set);
        continue;
      }
      if (take("[")) {
        add(characterClass(ignoreCase));
        continue;
      }
      const member = at("\\") ? escaped() : { single: text[i++]! };
      if ("set" in member) {
        add(member.set);
        continue;
      }
      if (at("-") && text[i + 1] !== "]" && text[i + 1] !== undefined) {
        i++;
        const last = at("\\") ? escaped() : { single: text[i++]! };
        if ("set" in last) add(`${literal(member.single)}\\-${last.set}`);
        else add(rangeClass(member.single, last.single, ignoreCase));
        continue;
      }
      add((ignoreCase ? caseVariants(member.single) : [member.single]).map(literal).join(""));
    }
    i++;
    return sides.length === 1 ? `[${not}${sides[0]}]` : `[${not}${sides.map((side) => `[${side}]`).join("&&")}]`;
  }

  const { out } = alternatives(false, false);
  if (i < text.length) throw fault('has a ")" without its "("');
  try {
    return new RegExp(out, "gv");
  } catch (error) {
    throw fault(`is not one of JavaScript's (${(error as Error).message})`);
  }
}
