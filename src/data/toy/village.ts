/**
 * The village: a small language of our own, lines of short English-like sentences, that `npm start` learns. There is
 * more to it than words: verbs agree with their subject across what stands between them, "she" and "them" with what
 * was named before, and quotation marks close.
 */
import type { Rules } from "./grammar.ts";
import { type Language, language } from "./language.ts";

const words = (text: string): string[] => text.split(" ");

const women = words("Ada Ida Sue Tess");
const men = words("Abe Ian Sam Tim");
const animals = words("cow dog elk goat hen lamb mule owl pig rook");
const verbs = words("digs eats hums naps plays runs sings waits");

export const villageRules: Rules = {
  line: { "{owner}\n": 6, "{animal}\n": 6, "{speech}\n": 3 },
  owner: [
    "{woman} {has} a {new} {goat}. She {keeps} it {there}.",
    "{woman} {has} {number} {new} {goats}. She {keeps} them {there}.",
    "{man} {has} a {new} {goat}. He {keeps} it {there}.",
    "{man} {has} {number} {new} {goats}. He {keeps} them {there}.",
  ],
  animal: ["The {new} {goat}{with} {sings} {often}.", "The {new} {goats}{with} {sing} {often}."],
  speech: [
    '"Is my {new} {goat} {there}?" asks {name}.',
    '"Are my {number} {new} {goats} {there}?" asks {name}.',
    '"{Sing} {there}!" shouts {name}.',
  ],
  with: { "": 2, " with the {goat}": 1, " with the {goats}": 1, " {there}": 1 },
  there: ["{at} the {mill}"],
  often: { "at {number}": 2, again: 1, daily: 1, here: 1, often: 1 },

  woman: women,
  man: men,
  name: [...women, ...men],
  goat: animals,
  goats: animals.map((animal) => `${animal}s`),
  number: words("2 3 4 5 6 7 8 9"),
  new: words("big cold dry new red soft tiny warm"),
  has: words("buys gets has sees wants"),
  keeps: words("feeds hides keeps leaves"),
  sings: verbs,
  sing: verbs.map((verb) => verb.slice(0, -1)),
  Sing: words("Hide Hum Sing Sit Talk"),
  at: words("by in near past"),
  mill: words("barn cave gate hill lake mill pond yard"),
};

/** The village's lines, one after another. Making it takes about 0.1 s. */
export const village = (): Language => language(villageRules, "line");
