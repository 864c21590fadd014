import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiled = join(root, "dist", "readme");
const here = mkdtempSync(join(tmpdir(), "readme-"));
afterAll(() => rmSync(here, { recursive: true, force: true }));

const examples = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code]) => code!,
);

/** What is written in the README, checked by the compiler and turned into JavaScript beside the package's own. */
beforeAll(() => {
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  for (const [i, code] of examples.entries()) writeFileSync(join(compiled, `example-${i}.ts`), code);
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      target: "es2024",
      rootDir: root,
      outDir: join(compiled, "out"),
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
      paths: { trainformer: [join(root, "src/index.ts")], "trainformer/*": [join(root, "src/*/index.ts")] },
    },
    include: [join(compiled, "*.ts")],
  };
  writeFileSync(join(compiled, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", compiled], { encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
  const words = ["The ", "cat ", "sat ", "on ", "a ", "mat.\n"];
  writeFileSync(join(here, "book.txt"), Array.from({ length: 4000 }, (_, i) => words[(i * i + 3 * i) % 6]).join(""));
}, 60_000);

test("the README has examples", () => expect(examples.length).toBeGreaterThanOrEqual(3));

test.each(examples.map((_, i) => i))(
  "example %i compiles under strict types and runs as printed",
  (i) => {
    const file = join(compiled, "out", "dist", "readme", `example-${i}.js`);
    const { status, stderr } = spawnSync(process.execPath, [file], { cwd: here, encoding: "utf8", timeout: 60_000 });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  },
  90_000,
);
