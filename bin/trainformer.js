#!/usr/bin/env node
import { existsSync } from "node:fs";

// A checkout always runs its current sources; the package has no sources, only what was built from them.
if (existsSync(new URL("../src", import.meta.url))) (await import("../tools/build.js")).build();
const { main } = await import("../dist/src/cli/main.js");
await main(process.argv.slice(2));
