/**
 * Cuts where the script changes, Japanese counting as one with Chinese and a space as any (SentencePiece's
 * `split_by_unicode_script`). Which script a character has, the engine's version of Unicode says.
 */
import type { Stage } from "./stage.ts";

const scripts =
  `Common Latin Han Hiragana Katakana Cyrillic Greek Arabic Hebrew Hangul Thai Devanagari Inherited Armenian Bengali
  Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Lao Tibetan Myanmar Georgian Ethiopic Cherokee
  Canadian_Aboriginal Ogham Runic Khmer Mongolian Bopomofo Yi Old_Italic Gothic Deseret Tagalog Hanunoo Buhid Tagbanwa
  Limbu Tai_Le Linear_B Ugaritic Shavian Osmanya Cypriot Braille Buginese Coptic New_Tai_Lue Glagolitic Tifinagh
  Syloti_Nagri Old_Persian Kharoshthi Balinese Cuneiform Phoenician Phags_Pa Nko Sundanese Lepcha Ol_Chiki Vai
  Saurashtra Kayah_Li Rejang Lycian Carian Lydian Cham Tai_Tham Tai_Viet Avestan Egyptian_Hieroglyphs Samaritan Lisu
  Bamum Javanese Meetei_Mayek Imperial_Aramaic Old_South_Arabian Inscriptional_Parthian Inscriptional_Pahlavi Old_Turkic
  Kaithi Batak Brahmi Mandaic Chakma Meroitic_Cursive Meroitic_Hieroglyphs Miao Sharada Sora_Sompeng Takri Syriac
  Thaana Caucasian_Albanian Bassa_Vah Duployan Elbasan Grantha Khojki Khudawadi Linear_A Mahajani Manichaean
  Mende_Kikakui Modi Mro Nabataean Old_North_Arabian Old_Permic Pahawh_Hmong Palmyrene Pau_Cin_Hau Psalter_Pahlavi
  Siddham Tirhuta Warang_Citi Ahom Anatolian_Hieroglyphs Hatran Multani Old_Hungarian SignWriting Adlam Bhaiksuki
  Marchen Newa Osage Tangut`
    .split(/\s+/)
    .map((name) => [name, new RegExp(`\\p{Script=${name}}`, "u")] as const);

const known = new Map<string, string>([
  [" ", "any"],
  ["\u30fc", "Han"],
]);

/** The script's name; "any" for a space and for what has none. */
function scriptOf(character: string): string {
  const before = known.get(character);
  if (before !== undefined) return before;
  const name = scripts.find(([, regex]) => regex.test(character))?.[0] ?? "any";
  const script = name === "Hiragana" || name === "Katakana" ? "Han" : name;
  known.set(character, script);
  return script;
}

export const unicodeScripts: Stage = {
  split(text) {
    const starts: number[] = [];
    let last: string | undefined;
    let at = 0;
    for (const character of text) {
      const script = scriptOf(character);
      if (script !== "any" && last !== "any" && script !== last) starts.push(at);
      if (script !== "any") last = script;
      at += character.length;
    }
    return starts.flatMap((start, i) => [start, starts[i + 1] ?? text.length]);
  },
};
