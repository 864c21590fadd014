/**
 * Writes docs/models.md: every registered architecture with its heads, parameters and what its golden folders measured.
 *
 *   npm run build && node tools/models.js
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const from = (path) => import(join(root, "dist/src", path));
const { architectures, build } = await from("models/index.js");
const { countParams } = await from("nn/index.js");
const { verifyFolder } = await from("verify.js");

/** What the first comment of the architecture's file says. */
function headers() {
  const found = new Map();
  for (const file of readdirSync(join(root, "src/models")).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(root, "src/models", file), "utf8");
    const [, comment] = /^\/\*\*([\s\S]*?)\*\//.exec(text) ?? [];
    for (const [, type] of text.matchAll(/modelType: "([^"]+)"/g))
      if (!file.includes(".test.")) found.set(type, { file, says: comment.replace(/\s*\n \*\s?/g, " ").trim() });
  }
  return found;
}

/** Golden folders by model type and head, each with the largest relative errors of outputs, gradients and losses. */
async function measured() {
  const found = new Map();
  for (const place of ["test/golden", "../shared/golden"]) {
    if (!existsSync(join(root, place))) continue;
    for (const name of readdirSync(join(root, place))) {
      const folder = join(root, place, name);
      if (!["config.json", "expected.safetensors"].every((file) => existsSync(join(folder, file)))) continue;
      const { model_type, architectures: named = [] } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
      if (!architectures.get(model_type)?.heads[named[0]]) continue;
      const worst = { outputs: 0, grads: 0, losses: 0 };
      let failed = 0;
      for await (const { name: tensor, max_rel, ok } of verifyFolder(folder, {
        only: Object.keys(worst),
        threads: 1,
      })) {
        const group = tensor.split(".")[0];
        worst[group] = Math.max(worst[group], max_rel);
        failed += Number(!ok);
      }
      const key = `${model_type} ${named[0]}`;
      found.set(key, [...(found.get(key) ?? []), { name, worst, failed }]);
      process.stderr.write(`${name}: ${failed === 0 ? "verified" : `${failed} FAILED`}\n`);
    }
  }
  return found;
}

const about = headers();
const folders = await measured();
const small = (x) => (x === 0 ? "0" : x.toExponential(0));
const lines = [
  "# Models",
  "",
  "Made by `node tools/models.js` from the registry (`src/models/registry.ts`). Parameters are those of the default",
  "configuration, Hugging Face's. Errors are the largest over a head's golden folders, relative to the tensor (outputs), to",
  "the model's largest gradient, and to the losses of ten AdamW steps; `trainformer verify` allows 2e-5, 2e-5 and 5e-6.",
  "",
  "The folder of a low-rank adapter (PEFT's `adapter_config.json` and `adapter_model.safetensors`) is read as its base with the",
  "adapter merged into it; its base is the whole model beside it in one folder, or `FOLDER/base` beside `FOLDER/adapter`, or the",
  "folder that the adapter names, which standard error then tells. Its layers are linear, of any rank, scale and bias, and it may",
  "hold whole parameters. Refused, by name: DoRA and other methods, adapters of tables of vectors, first numbers that change the",
  "base (PiSSA, OLoRA …). `train --model ADAPTER` trains all weights of the merged model, not the adapter; `verify` computes both.",
  "",
  "Where a mask hides every key from a query, all keys weigh the same; nothing that is not hidden depends on such places.",
  "",
  "transformers 5.23 adds Falcon's ALiBi twice where it gives attentions, and else once, as is done here: `verify` says so of such a",
  "reference, and compares it with the same fault made here.",
  "",
];
for (const [type, architecture] of architectures) {
  const { file, says } = about.get(type) ?? {};
  lines.push(
    `## ${type}`,
    "",
    ...(says ? [says, ""] : []),
    ...(file ? [`Code: [src/models/${file}](../src/models/${file})`, ""] : []),
  );
  lines.push(
    "| head | task | parameters | golden folders | outputs | gradients | losses |",
    "|---|---|--:|--:|--:|--:|--:|",
  );
  for (const [head, { task }] of Object.entries(architecture.heads)) {
    const golden = folders.get(`${type} ${head}`) ?? [];
    const most = (group) => (golden.length > 0 ? small(Math.max(...golden.map(({ worst }) => worst[group]))) : "");
    const parameters = countParams(build(architecture({}), head)).toLocaleString("en-US");
    lines.push(
      `| \`${head}\` | ${task} | ${parameters} | ${golden.length} | ${most("outputs")} | ${most("grads")} | ${most("losses")} |`,
    );
  }
  lines.push("");
}
writeFileSync(join(root, "docs/models.md"), lines.join("\n"));
