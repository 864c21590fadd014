/**
 * Elman's grammar: sentences of two and three words on which a simple recurrent network was first seen to find word
 * classes by itself (Elman 1990, "Finding structure in time", Cognitive Science 14, tables 3 and 4). Sentences end with a
 * line, which the paper's do not, so that what a text's loss can come down to is known exactly.
 */
import type { Rules } from "./grammar.ts";
import { type Language, language } from "./language.ts";

export const elmanRules: Rules = {
  sentence: [
    "{human} {eat} {food}\n",
    "{human} {perceive} {thing}\n",
    "{human} {destroy} {fragile}\n",
    "{human} {rest}\n",
    "{human} {meet} {human}\n",
    "{human} {stir} {thing}\n",
    "{human} {stir}\n",
    "{animal} {eat} {food}\n",
    "{animal} {meet} {animal}\n",
    "{animal} {stir} {thing}\n",
    "{animal} {stir}\n",
    "{thing} {stir}\n",
    "{monster} {destroy} {fragile}\n",
    "{monster} {eat} {human}\n",
    "{monster} {eat} {animal}\n",
    "{monster} {eat} {food}\n",
  ],
  human: ["man", "woman"],
  animal: ["cat", "mouse"],
  thing: ["book", "rock"],
  monster: ["dragon", "monster"],
  fragile: ["glass", "plate"],
  food: ["cookie", "bread"],
  rest: ["think", "sleep"],
  meet: ["see", "chase"],
  stir: ["move", "break"],
  perceive: ["smell", "see"],
  destroy: ["break", "smash"],
  eat: ["eat"],
};

/** Its sentences, one a line. */
export const elman = (): Language => language(elmanRules, "sentence");
