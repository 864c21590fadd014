import { expect, test } from "vitest";
import { checkXml } from "../../../test/well-formed.ts";
import { alignmentPage } from "../alignment-page.ts";
import { type Alignment, alignmentSvg } from "./alignment.ts";
import { byLengthSvg, lengthBands } from "./by-length.ts";

const alignment: Alignment = {
  source: ["ein", "<Hund>", "</s>", "<pad>"],
  sourceLength: 3,
  target: ["a", "dog", " ", "</s>"],
  weights: [0.9, 0.1, 0, 0, 0.25, 0.7, 0.05, 0, 0, 0, 1, 0, 0.1, 0.2, 0.7, 0],
};

test("a heat map has a cell for each pair of words, with its number on hover, and names them along its sides", () => {
  const svg = alignmentSvg(alignment, { title: "One & all" });
  checkXml(svg);
  expect(svg.match(/class="cell/g)).toHaveLength(16);
  expect(svg).toContain("<title>“dog” ← “&lt;Hund&gt;”: 0.700</title>");
  expect(svg).toContain('fill-opacity="0.7"');
  for (const word of ["ein", "&lt;Hund&gt;", "dog", "␣"]) expect(svg).toContain(`>${word}</text>`);
  expect(svg).toContain("Source: ein &lt;Hund&gt; &lt;/s&gt; pad. Target: a dog ␣ &lt;/s&gt;.");
});

test("padding is shown as padding", () => {
  const svg = alignmentSvg(alignment);
  expect(svg.match(/class="cell pad"/g)).toHaveLength(4);
  expect(svg).toContain('class="word gone"');
  expect(svg).toContain("“a” ← padding: 0.000");
});

test("a page shows each text with its score and its alignment, and loads nothing", () => {
  const page = alignmentPage(
    [
      { source: "ein <Hund>", output: "a dog", reference: "a hound", score: 41.234, alignment },
      { source: "x", output: "" },
    ],
    { title: "Worst", scoreName: "sentence BLEU" },
  );
  expect(page).toContain('<h2>1 <span class="quiet">sentence BLEU 41.2</span></h2>');
  expect(page).toContain("<th>source</th><td>ein &lt;Hund&gt;</td>");
  expect(page).toContain("<th>output</th><td>(nothing)</td>");
  expect(page.match(/<svg/g)).toHaveLength(1);
  expect(page.match(/\b(src|href)=|url\((?!#hatch1\))/g)).toBeNull();
});

test("a page of scored texts begins with all of them as a table, which leads to each", () => {
  const page = alignmentPage(
    [
      { source: "a <b>", output: "", reference: "c", score: 0 },
      { source: "d", output: "e", reference: "f", score: 12.34, alignment },
    ],
    { scoreName: "sentence BLEU" },
  );
  expect(page).toContain("<th>sentence BLEU</th><th>source</th><th>output</th><th>reference</th></tr>");
  expect(page).toContain(
    '<tr><td><a href="#text1">1</a></td><td>0.0</td><td>a &lt;b&gt;</td><td>(nothing)</td><td>c</td></tr>',
  );
  expect(page).toContain('<a href="#text2">2</a></td><td>12.3</td>');
  expect(page).toContain('<section id="text2">');
  expect(alignmentPage([{ source: "a", output: "b", score: 1 }])).not.toContain('class="overview"');
});

test("bands of lengths have about equally many texts, and equal lengths stay together", () => {
  const lengths = [5, 3, 3, 9, 7, 3, 8, 12];
  const bands = lengthBands(lengths, 3);
  expect(bands).toEqual([
    [1, 2, 5],
    [0, 4, 6],
    [3, 7],
  ]);
  expect(lengthBands([4, 4, 4, 4], 3)).toEqual([[0, 1, 2, 3]]);
  const svg = byLengthSvg([
    {
      name: "attention",
      bands: [
        { from: 3, to: 8, count: 4, score: 30 },
        { from: 9, to: 12, count: 4, score: 28 },
      ],
    },
  ]);
  checkXml(svg);
  expect(svg).toContain("attention: 3–8 tokens 30.0, 9–12 tokens 28.0");
});
