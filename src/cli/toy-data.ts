/** What `--data toy:NAME` names: generated rows or text, instead of files. */
import { languages, toyPairs, toys, toyText } from "../data/index.ts";
import { seriesToys } from "../data/toy/series.ts";
import { fingerprintText } from "../train/fingerprint.ts";
import { UserError } from "./errors.ts";
import type { TextFiles } from "./text-data.ts";

const PREFIX = "toy:";

/** "copy,length=5" of `--data toy:copy,length=5`; undefined where files are named. Throws for a toy beside other data. */
export function toyOf({ data, validation }: Asked): string | undefined {
  if (!data.some((name) => name.startsWith(PREFIX))) return undefined;
  if (data.length > 1) throw new UserError("--data: a toy stands alone; name one toy, or files");
  if (validation)
    throw new UserError("--validation: a toy brings its own held-out part", {
      remedy: `leave --validation out; its size is an option of the toy: ${data[0]},held=500`,
    });
  return data[0]!.slice(PREFIX.length);
}
interface Asked {
  readonly data: readonly string[];
  readonly validation?: readonly string[];
}

/** For language models. */
export function toyTextFiles(asked: string): TextFiles {
  const { train, held, floor } = toyText(asked);
  return {
    data: (charactersInBlock) => ({
      train,
      validation: held,
      ...(charactersInBlock !== undefined && { floor: floor(charactersInBlock) }),
    }),
    files: { train: [fingerprintText(train, PREFIX + asked)], validation: [fingerprintText(held, PREFIX + asked)] },
    text: async function* () {
      yield train;
      yield held;
    },
  };
}

/** For models that read one text and write another: the pairs of both parts, and what a run knows them by. */
export function toyPairFiles(asked: string) {
  const { train, held } = toyPairs(asked);
  const print = (pairs: typeof train) => [fingerprintText(JSON.stringify(pairs), PREFIX + asked)];
  return { data: { train, validation: held }, files: { train: print(train), validation: print(held) } };
}

/** For --help: every toy with its options, under the tasks that it is for. */
export function toyHelp(): string {
  const kinds: readonly (readonly [string, typeof toys | typeof languages | typeof seriesToys])[] = [
    ["for translation, or as lines source=target for language-modeling", toys],
    ["for language-modeling", languages],
    ["for sequence-regression", seriesToys],
  ];
  const width = Math.max(...kinds.flatMap(([, some]) => Object.keys(some).map(({ length }) => length)));
  const lines = kinds.flatMap(([tasks, some]) => [
    ` ${tasks}:`,
    ...Object.entries(some).map(([name, toy]) => {
      const options = "options" in toy ? Object.keys(toy.options) : [];
      return `  ${PREFIX}${name.padEnd(width)}  ${toy.summary}${options.length > 0 ? ` (${options.join(", ")})` : ""}`;
    }),
  ]);
  return [
    "\nData that is generated, with a known best result; options behind commas: --data toy:copy,length=5-8,rows=5000,seed=1",
    ...lines,
  ].join("\n");
}
