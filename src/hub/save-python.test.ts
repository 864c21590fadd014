/** Every head of every registered architecture that transformers has: it opens what is written, and gives the same. */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { at } from "../../test/contract/numbers.ts";
import { open, traced } from "../../test/contract/program.ts";
import { loudWeights, subjects } from "../../test/contract/subjects.ts";
import { newFolder } from "../../test/tiny-folder.ts";
import { count } from "../tensor/dtype.ts";
import { saveFolder } from "./save.ts";

const python = process.env["PYTHON"] ?? "python3";
const hasTransformers = spawnSync(python, ["-c", "import transformers, torch"]).status === 0;

/** For each [folder, class, shape of the ids]: what was missing or unexpected, and the first output's numbers; null: it has no such class. */
const OPEN = `
import json, sys, torch, transformers
transformers.logging.set_verbosity_error()
for folder, name, shape in json.load(sys.stdin):
    cls = getattr(transformers, name, None)
    if cls is None:
        print("null")
        continue
    model, info = cls.from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
    ids = (torch.arange(torch.tensor(shape).prod()) * 7 % 19 + 3).reshape(shape)
    with torch.no_grad():
        out = model.eval()(input_ids=ids)
    key = next(k for k in out if torch.is_tensor(out[k]))
    wrong = sorted(info["missing_keys"]) + sorted(info["unexpected_keys"])
    print(json.dumps([wrong, key, out[key].flatten().tolist()]))
`;

test.skipIf(!hasTransformers)(
  "transformers opens every saved head, misses nothing, and its numbers are ours",
  { timeout: 300_000 },
  async () => {
    const shapeOf = ({ inputs }: (typeof subjects)[number]) => {
      const shape = inputs["input_ids"]?.shape ?? [];
      return shape.map((size) => (typeof size === "number" ? size : size === "time" ? 5 : 2));
    };
    const readers = subjects.filter((subject) => shapeOf(subject).length > 0);
    const folders = readers.map(({ spec, headName, params }) => {
      const folder = newFolder();
      saveFolder(folder, { spec, headName, weights: loudWeights(params) });
      return folder;
    });
    const asked = readers.map((subject, i) => [folders[i], subject.headName, shapeOf(subject)]);
    const { stdout, stderr, status } = spawnSync(python, ["-c", OPEN], {
      input: JSON.stringify(asked),
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    expect(status, stderr).toBe(0);
    const answers = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [string[], string, number[]] | null);
    expect(answers.filter((answer) => answer !== null).length).toBeGreaterThan(40);
    for (const [i, subject] of readers.entries()) {
      const answer = answers[i];
      if (!answer) continue;
      const [wrong, key, want] = answer;
      expect(wrong, subject.headName).toEqual([]);
      const dims = shapeOf(subject);
      const graph = traced(subject, ["input_ids"]);
      await using program = await open(subject, graph, loudWeights(subject.params), graph.outputs);
      const data = BigInt64Array.from({ length: count(dims) }, (_, i) => BigInt(((i * 7) % 19) + 3));
      const got = at((await program.run({ input_ids: { dtype: "int64", dims, data } }))[key]!);
      const most = Math.max(...want.map(Math.abs));
      expect(got.length, subject.headName).toBe(want.length);
      got.forEach((x, j) => {
        expect(Math.abs(x - want[j]!) / most, `${subject.headName} ${key}`).toBeLessThan(2e-5);
      });
    }
  },
);
