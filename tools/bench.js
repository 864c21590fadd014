/** `npm run bench -- CASE…`: builds what changed and measures; see `bench/main.ts`. */
import { build } from "./build.js";

build();
const { main } = await import("../dist/bench/main.js");
await main(process.argv.slice(2));
