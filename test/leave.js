/** A process that leaves in the middle of a run: `leave.js forget | exit | throw | return`. */
import { gpt2 } from "../dist/src/models/index.js";
import { languageModeling } from "../dist/src/tasks/index.js";
import { charTokenizer } from "../dist/src/tokenizers/index.js";
import { train } from "../dist/src/train/index.js";

const text = "abcdefgh".repeat(60);
const run = train({
  model: gpt2({ n_layer: 2, n_head: 2, n_embd: 32 }),
  tokenizer: charTokenizer(text),
  task: languageModeling({ blockSize: 8 }),
  data: { train: text },
  training: { maxSteps: 1_000_000 },
  threads: 1,
});
let event;
do event = (await run.next()).value;
while (event.event !== "step");
console.log("leaving");
if (process.argv[2] === "exit") process.exit(3);
if (process.argv[2] === "throw") throw new Error("leaving");
if (process.argv[2] === "return") {
  await run.return(); // what `break` does
  console.log("left");
}
