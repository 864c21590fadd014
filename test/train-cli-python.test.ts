/** What `train` leaves, opened by Hugging Face's library: `$PYTHON` or `python3`, where it can import it, else skipped. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { load } from "../src/load.ts";
import { data, root, tiny } from "./small-training.ts";
import { jsonLines, trainformer } from "./spawn-cli.ts";

const python = process.env["PYTHON"] ?? "python3";
const has = spawnSync(python, ["-c", "import torch, transformers"]).status === 0;
const PROMPT = "the dog sat";
const NEW_TOKENS = 5; // 11 characters and these fit into the model's 16 positions

interface Seen {
  readonly ids: number[];
  readonly logits: number[];
  readonly text: string;
}

const code = `
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
seen = []
for folder in sys.argv[3:]:
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)
    ids = tokenizer(sys.argv[1], return_tensors="pt").input_ids
    with torch.no_grad():
        logits = model(ids).logits.flatten().tolist()
        more = model.generate(ids, do_sample=False, max_new_tokens=int(sys.argv[2]))[0, ids.shape[1]:]
    seen.append({"ids": ids[0].tolist(), "logits": logits, "text": tokenizer.decode(more)})
print(json.dumps(seen))
`;

describe.skipIf(!has)(`${python}, skipped where it cannot import torch and transformers`, () => {
  const names = ["char", "byte", "word"];
  let seen: readonly Seen[];
  beforeAll(async () => {
    const flags = ["--data", data, "--max-steps", "100", "--learning-rate", "0.02", "--validation", "0", "--quiet"];
    for (const name of names) {
      const words = ["train", ...tiny, ...flags, "--tokenizer", name, "--out", join(root, name)];
      expect(await trainformer(words)).toMatchObject({ status: 0, stderr: "" });
    }
    const folders = names.map((name) => join(root, name));
    const { stdout, stderr } = spawnSync(python, ["-c", code, PROMPT, String(NEW_TOKENS), ...folders], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    expect(stdout, stderr).not.toBe("");
    seen = JSON.parse(stdout) as Seen[];
  }, 180_000);

  test.each(names)("reads a folder with the %s tokenizer: same ids, same logits, same text", async (name) => {
    const theirs = seen[names.indexOf(name)]!;
    await using model = await load(join(root, name));
    const ids = Array.from(model.tokenizer!.encodeIds(PROMPT));
    expect(ids).toEqual(theirs.ids);
    const { logits } = await model.run({ input_ids: [ids] });
    expect(logits.data).toHaveLength(theirs.logits.length);
    for (const [i, x] of theirs.logits.entries()) expect(Math.abs(Number(logits.data[i]) - x)).toBeLessThan(1e-5);
    const words = ["generate", join(root, name), "--prompt", PROMPT, "--max-new-tokens", String(NEW_TOKENS)];
    const [generated] = jsonLines(await trainformer([...words, "--greedy", "--json"]));
    expect(generated!["text"]).toBe(theirs.text);
  });
});
