/**
 * The village: a small language of our own, lines of short English-like sentences, that `npm start` learns. There is
 * more to it than words: verbs agree with their subject across what stands between them, "she" and "them" with what
 * was named before, quotation marks close, and sums come out right.
 */
import type { Rules } from "./grammar.ts";
import { type Language, language } from "./language.ts";

const words = (text: string): string[] => text.split(" ");
const plural = (nouns: readonly string[]): string[] => nouns.map((noun) => `${noun}s`);

const villagers = words("boy cat dog duck girl hen king nun owl pig");
const things = words("bag cup drum fan hat jug kite nut pen rope");
const women = words("Amy Dora Eva Ida Pia Sue");
const men = words("Abe Dan Hal Ian Sam Tim");
const verbs = words("digs eats hums jogs naps plays runs sings talks waits");

const sums = words("Two Three Four").flatMap((a, i) =>
  words("two three four").map((b, j) => `${a} and ${b} are ${words("four five six seven eight")[i + j]}.`),
);

export const villageRules: Rules = {
  line: { "{owner}\n": 6, "{villager}\n": 6, "{speech}\n": 3, "{sum}\n": 1 },
  owner: [
    "{woman} {has} a {new} {thing}. She {keeps} it {there}.",
    "{woman} {has} {two} {new} {things}. She {keeps} them {there}.",
    "{man} {has} a {new} {thing}. He {keeps} it {there}.",
    "{man} {has} {two} {new} {things}. He {keeps} them {there}.",
  ],
  villager: ["The {new} {boy}{with} {sings} {often}.", "The {new} {boys}{with} {sing} {often}."],
  speech: [
    '"Is my {new} {thing} {there}?" asks {name}.',
    '"Are my {new} {things} {there}?" asks {name}.',
    '"{Sing} {there}!" shouts {name}.',
  ],
  sum: sums,

  with: { "": 2, " with the {thing}": 1, " with the {things}": 1, " {there}": 1 },
  there: { "in the {mill}": 3, "by the {pond}": 2, "near the {pond}": 2, "at the {pond}": 1 },
  mill: words("barn cave fort hut inn mill shed tent"),
  pond: words("gate hill lake oak pond road tree well"),

  woman: women,
  man: men,
  name: [...women, ...men],
  boy: villagers,
  boys: plural(villagers),
  thing: things,
  things: plural(things),
  two: words("two three four"),
  new: words("big cold dry new red soft tiny warm"),
  has: words("buys gets has sees wants"),
  keeps: words("drops hides keeps puts"),
  sings: verbs,
  sing: verbs.map((verb) => verb.slice(0, -1)),
  Sing: words("Dig Eat Play Sing Wait"),
  often: words("again daily early here late now often well"),
};

/** The village's lines, one after another. Making it takes about 0.1 s. */
export const village = (): Language => language(villageRules, "line");
