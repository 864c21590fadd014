/** Every golden folder of a registered head: test/golden's own, and those that lie beside the project. */
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { expectedNames, goldenFolders } from "../../test/contract/golden.ts";
import { openFolder } from "../hub/index.ts";
import { verifyFolder } from "../verify.ts";

const folders = ["../../test/golden", "../../../shared/golden"].flatMap((root) =>
  goldenFolders(join(import.meta.dirname, root)),
);

test.each(folders.map(({ folder }) => [basename(folder), folder]))(
  "%s: outputs, every gradient, ten losses, greedy and beam search are the reference's",
  async (_, folder) => {
    const only = ["outputs", "grads", "losses", "generate.greedy", "generate.beam4", "generate.beam4_scores"];
    const there = expectedNames(folder).filter((name) => only.some((group) => `${name}.`.startsWith(`${group}.`)));
    const compared: string[] = [];
    for await (const { name, ok, max_rel, limit } of verifyFolder(folder, { only, threads: 1 })) {
      compared.push(name);
      expect(ok, `${name}: ${max_rel} > ${limit}`).toBe(true);
    }
    expect(compared.sort()).toEqual(there.sort());
    if (!there.includes("losses")) return;
    using opened = openFolder(folder);
    const parameters = [...opened.storedNames.values()].map((name) => `grads.${name}`);
    expect(parameters.sort()).toEqual(there.filter((name) => name.startsWith("grads.")));
  },
);
