import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { checkBase, checkOut, type Mode } from "./check-out.ts";
import { prepareRun, type RunFiles } from "./run-folder.ts";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  return { ...real, accessSync: vi.fn(real.accessSync) };
});

let root: string;
let out: string;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "check-out-"));
  out = join(root, "runs", "first");
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const files = (training = {}): RunFiles => ({
  settings: {
    model: { model_type: "gpt2" },
    task: "language-modeling",
    tokenizer: "char",
    data: [],
    training: { batchSize: 12, saveSteps: 500, ...training },
  },
  generation: {},
  card: "",
  saveTokenizer: () => {},
});
const begin = async () => (await prepareRun(out, "fresh", files())).close();

/** Every file below a folder with its content. */
const everything = (folder: string) =>
  fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => [name, fs.statSync(join(folder, name)).isFile() && fs.readFileSync(join(folder, name), "utf8")]);

test.each<[string, Mode, () => unknown, string]>([
  ["a file", "fresh", () => fs.writeFileSync(out, ""), "is a file; --out must be a folder"],
  ["a run", "fresh", () => begin(), "holds a run already; --resume goes on with it, --overwrite replaces it"],
  ["nothing", "resume", () => {}, "holds no run to go on with; leave --resume out to begin one"],
  [
    "other files",
    "fresh",
    () => [fs.mkdirSync(out), fs.writeFileSync(join(out, "config.json"), "{}")],
    'holds files that are no run\'s: "config.json"; choose a new folder as --out',
  ],
  [
    "other files",
    "overwrite",
    () => [fs.mkdirSync(out), fs.writeFileSync(join(out, "photo.jpg"), "")],
    'holds files that are no run\'s: "photo.jpg"; choose a new folder as --out',
  ],
  [
    "another program's run.json",
    "overwrite",
    () => [fs.mkdirSync(out), fs.writeFileSync(join(out, "run.json"), "{}")],
    'run.json: is no "trainformer-run-1"; is this folder another program\'s? choose another --out',
  ],
])("an --out that holds %s is refused for %s, and nothing is written", async (_, mode, make, message) => {
  fs.mkdirSync(join(root, "runs"));
  await make();
  const before = everything(root);
  const foreign = message.startsWith("run.json"); // found out when the file is read
  const where = foreign ? `${out}/` : `${out}: `;
  await expect(prepareRun(out, mode, files())).rejects.toThrow(new Error(where + message));
  if (!foreign) expect(() => checkOut(out, mode)).toThrow(where + message);
  expect(everything(root)).toEqual(before);
});

test("--resume with other settings lists them, and writes nothing", async () => {
  await begin();
  const before = everything(root);
  const other = files({ batchSize: 16, seed: 1, saveSteps: 1 });
  await expect(prepareRun(out, "resume", other)).rejects.toThrow(
    `${out}: --resume with other settings than the run's: training.batchSize 12 → 16, training.seed missing → 1; give those it was begun with, or --overwrite it`,
  );
  expect(everything(root)).toEqual(before);
});

test("an --out below a file, or one that cannot be written, is refused", async () => {
  fs.writeFileSync(join(root, "runs"), "");
  await expect(prepareRun(out, "fresh", files())).rejects.toThrow(`${out}: a part of this path is not a folder`);
  fs.rmSync(join(root, "runs"));
  vi.mocked(fs.accessSync).mockImplementationOnce(() => {
    throw Object.assign(new Error("EROFS"), { code: "EROFS" }); // the superuser may write everywhere else
  });
  expect(() => checkOut(out, "fresh")).toThrow(
    `${out}: cannot be written; ${root}: the disk is read-only; choose another --out`,
  );
  expect(fs.readdirSync(root)).toEqual([]);
});

test("an empty --out is told so", () => {
  expect(() => checkOut("", "fresh")).toThrow("--out is empty; name a folder");
});

test("--overwrite does not remove the model that the run begins with", () => {
  fs.mkdirSync(join(out, "model"), { recursive: true });
  fs.mkdirSync(`${out}-2`);
  fs.symlinkSync(out, join(root, "link"));
  for (const base of [out, join(out, "model"), join(root, "link")])
    expect(() => checkBase(out, base)).toThrow(
      `${out}: --overwrite would remove the model that the run begins with; choose another --out`,
    );
  for (const [other, base] of [
    [join(out, "model"), out],
    [out, `${out}-2`],
    [join(out, "nowhere"), out],
  ] as const)
    expect(() => checkBase(other, base)).not.toThrow();
});
