/** docs/models.md, which tools/models.js writes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { architectures } from "./index.ts";

test("the page of models has every registered head (node tools/models.js writes it anew)", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/models.md"), "utf8");
  for (const [type, { heads }] of architectures) {
    expect(page).toContain(`## ${type}\n`);
    for (const head of Object.keys(heads)) expect(page).toContain(`| \`${head}\` |`);
  }
});
