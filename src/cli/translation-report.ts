/** What an evaluation of written texts leaves for a reader: all texts as JSON, quality by length, the worst with alignments. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { align } from "../align.ts";
import { readJson, writeFileAtomic } from "../formats/index.ts";
import { type AlignedText, alignmentPage, byLengthSvg, lengthBands, type QualityByLength } from "../inspect/index.ts";
import { load } from "../load.ts";
import { bleu, bleuMetric, chrf, sentenceBleu } from "../metrics/index.ts";
import type { Exam } from "../tasks/index.ts";
import { UserError } from "./errors.ts";

const BANDS = 6;
const WORST = 20;

interface Told {
  readonly folder: string;
  readonly exam: Exam;
  readonly texts: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  /** Whether scores are of lower case. */
  readonly lowercase: boolean;
  readonly numBeams: number;
  readonly threads?: number | undefined;
  /** What other models' reports say, shown in the figure by length, too. */
  readonly beside?: readonly EarlierReport[];
}

export interface EarlierReport extends QualityByLength {
  readonly measure: string;
}

/** Of reports that were written before. Throws a UserError for a folder without one. */
export const earlierReports = (folders: readonly string[]): readonly EarlierReport[] =>
  folders.map((folder) => {
    const path = join(folder, "report.json");
    const report = existsSync(path) ? (readJson(path) as unknown as Partial<EarlierReport>) : {};
    const { name = folder, measure, bands } = report;
    if (measure === undefined || !Array.isArray(bands))
      throw new UserError(`--beside: ${folder} holds no report of written texts`, {
        remedy: `make one: trainformer evaluate MODEL --data … --report ${folder}`,
      });
    return { name, measure, bands };
  });

/** BLEU counts up to four words: of texts of one word it is 0, however good they are. */
const measureOf = ({ references }: Exam): string =>
  references.some((reference) => /\S\s+\S/.test(reference)) ? "BLEU" : "chrF";

/** Throws a UserError for earlier reports of another measure than texts like these have. */
export function checkBeside(beside: readonly EarlierReport[], exam: Exam): void {
  const measure = measureOf(exam);
  const other = beside.find((earlier) => earlier.measure !== measure);
  if (other)
    throw new UserError(`--beside: ${other.name} is measured by ${other.measure}, but these texts by ${measure}`, {
      remedy: "name reports of the same data",
    });
}

/** Writes report.json, by-length.svg and worst.html into the folder `out`. */
export async function writeReport(out: string, told: Told): Promise<void> {
  const { exam, texts, metrics, lowercase, numBeams, beside = [] } = told;
  const options = { lowercase };
  const rows = exam.inputs.map((source, i) => {
    const [output, reference] = [texts[i]!, exam.references[i]!];
    return {
      source,
      output,
      reference,
      tokens: exam.lengths[i]!,
      bleu: sentenceBleu(output, reference, options).score,
    };
  });
  const measure = measureOf(exam);
  const scored = measure === "BLEU" ? bleu : chrf;
  const bands = lengthBands(exam.lengths, BANDS).map((band) => ({
    from: exam.lengths[band[0]!]!,
    to: exam.lengths[band.at(-1)!]!,
    count: band.length,
    score: scored(
      band.map((i) => texts[i]!),
      band.map((i) => exam.references[i]!),
      options,
    ).score,
  }));
  const signature = bleuMetric(options).signature(1);
  mkdirSync(out, { recursive: true });
  const name = numBeams === 1 ? told.folder : `${told.folder}, ${numBeams} beams`;
  const report = { name, metrics, signature, num_beams: numBeams, measure, bands, texts: rows };
  writeFileAtomic(join(out, "report.json"), `${JSON.stringify(report, null, 1)}\n`);
  writeFileAtomic(join(out, "by-length.svg"), byLengthSvg([{ name, bands }, ...beside], { measure }));
  writeFileAtomic(join(out, "worst.html"), await worstPage(rows, told));
}

interface Row {
  readonly source: string;
  readonly output: string;
  readonly reference: string;
  readonly bleu: number;
}

async function worstPage(rows: readonly Row[], { folder, texts, threads }: Told): Promise<string> {
  const worst = rows.toSorted((a, b) => a.bleu - b.bleu).slice(0, WORST);
  await using model = await load(folder, threads === undefined ? {} : { threads });
  const reads = model.config["attention"] !== "none";
  const alignments = reads
    ? await align(
        model,
        worst.map(({ source, output }) => ({ text: source, output })),
      )
    : [];
  const shown = worst.map(
    ({ source, output, reference, bleu }, i): AlignedText => ({
      ...{ source, output, reference, score: bleu },
      ...(alignments[i] && { alignment: alignments[i] }),
    }),
  );
  return alignmentPage(shown, {
    title: "Worst first",
    subtitle: `The ${worst.length} of ${texts.length} texts with the least BLEU, by ${folder}.`,
    scoreName: "sentence BLEU",
  });
}
