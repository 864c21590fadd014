/** Imports point one way. This test reads every import statement below `src`. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** What each room is built on; it may also import what those are built on. */
const below = {
  random: [],
  formats: [],
  tokenizers: [],
  metrics: ["formats", "random"],
  data: ["formats", "random"],
  ngram: ["formats", "random"],
  tensor: ["random"],
  onnx: ["tensor"],
  runtime: ["onnx"],
  nn: ["tensor"],
  models: ["nn"],
  optim: ["tensor"],
  tasks: ["models", "data", "tokenizers", "metrics", "ngram"],
  hub: ["models", "tokenizers", "formats"],
  generate: ["runtime", "models", "tokenizers"],
  inspect: ["runtime", "models"],
  compress: ["runtime", "models"],
  train: ["runtime", "optim", "tasks", "generate", "inspect", "hub"],
  distributed: ["train"],
  /** The files beside the rooms: index.ts, load.ts, verify.ts and what they share. */
  library: ["train", "compress"],
  server: ["library"],
  cli: ["library", "server", "distributed"],
} as const satisfies Record<string, readonly string[]>;
type Room = keyof typeof below;

/** Rooms that run in a browser as they are. */
const neutral: readonly Room[] = ["random", "metrics", "tensor", "onnx", "nn", "models", "optim", "tasks", "generate"];

const LONGEST = 250;
/** Longer files, with the reason why. */
const long: Readonly<Record<string, string>> = {};
const LONGEST_ARCHITECTURE = 120;

const paths = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((path) => path.split(sep).join("/"))
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.endsWith(".test.ts"))
  .sort();
const files = paths.map((path) => {
  const text = readFileSync(join(SRC, path), "utf8");
  const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, specifier]) => specifier!);
  return { path, text, imports, lines: text.split("\n").length - 1, room: roomOf(path) };
});

function roomOf(path: string): string {
  if (path === "random.ts") return "random";
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "library";
}

/** All that a room may import. */
function reachable(room: Room, through: readonly Room[] = []): Set<string> {
  if (through.includes(room)) throw new Error(`rooms in a circle: ${[...through, room].join(" → ")}`);
  const direct: readonly Room[] = below[room];
  return new Set(direct.flatMap((next) => [next, ...reachable(next, [...through, room])]));
}

test("rooms are in no circle", () => {
  for (const room of Object.keys(below) as Room[]) expect(reachable(room)).not.toContain(room);
});

test("every file is in a room that has its place here", () => {
  expect(files.filter(({ room }) => !(room in below)).map(({ path }) => path)).toEqual([]);
});

test("a room imports only rooms below it", () => {
  const wrong = files.flatMap(({ path, room, imports }) => {
    const allowed = reachable(room as Room);
    return imports
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) =>
        relative(SRC, join(SRC, dirname(path), specifier))
          .split(sep)
          .join("/"),
      )
      .filter((target) => roomOf(target) !== room && !allowed.has(roomOf(target)))
      .map((target) => `${path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("imports inside the project end in .ts and stay in src", () => {
  const own = files.flatMap(({ path, imports }) =>
    imports.filter((s) => s.startsWith(".")).map((specifier) => ({ path, specifier })),
  );
  expect(own.filter(({ specifier }) => !/\.(ts|json)$/.test(specifier))).toEqual([]);
  expect(own.filter(({ path, specifier }) => join(dirname(path), specifier).startsWith(".."))).toEqual([]);
});

test("rooms for every platform import nothing of Node's", () => {
  const wrong = files.filter(
    ({ room, imports }) => neutral.includes(room as Room) && imports.some((s) => s.startsWith("node:")),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("only an index.ts is a barrel", () => {
  const others = files.filter(({ path }) => !/(^|\/)index\.ts$/.test(path));
  expect(others.filter(({ text }) => /^export \* /m.test(text)).map(({ path }) => path)).toEqual([]);
  const declares =
    /^(?:export )?(?:default |abstract |async )*(?:const|let|function|class|interface|type|declare)\b(?! \{)/m;
  const runs = /^(?!import|export|\s|\}|\/|$)./m;
  expect(others.filter(({ text }) => !declares.test(text) && !runs.test(text)).map(({ path }) => path)).toEqual([]);
});

describe("length", () => {
  test(`no file is longer than ${LONGEST} lines without a reason`, () => {
    const tooLong = files.filter(({ lines }) => lines > LONGEST).map(({ path }) => path);
    expect(tooLong).toEqual(Object.keys(long).sort());
  });

  test(`an architecture is read in ${LONGEST_ARCHITECTURE} lines, GPT-2 in 100`, () => {
    const architectures = files.filter(({ text, room }) => room === "models" && /= architecture\(\{/.test(text));
    expect(architectures.map(({ path }) => path)).toContain("models/gpt2.ts");
    for (const { path, lines } of architectures)
      expect(lines, path).toBeLessThanOrEqual(path === "models/gpt2.ts" ? 100 : LONGEST_ARCHITECTURE);
  });

  test("every file begins by saying what it is", () => {
    expect(files.filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
