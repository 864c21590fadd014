/** `train` killed (SIGKILL) at random moments, some inside a checkpoint's writing, and resumed until it is done. */
import { existsSync, mkdirSync, readdirSync, watch } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFolder } from "../src/hub/index.ts";
import { readEvents } from "../src/train/events-file.ts";
import { data, root, tiny } from "./small-training.ts";
import { type Ended, trainformer } from "./spawn-cli.ts";

const KILLS = Number(process.env["KILLS"] ?? 6); // KILLS=50 npx vitest run test/train-cli-kills.test.ts
const STEPS = 200 * KILLS; // on a fast machine 60 could end before a kill came

const train = (out: string, flags: readonly string[], during?: Parameters<typeof trainformer>[1]) =>
  trainformer(
    [
      ...["train", ...tiny, "--data", data, "--out", out, "--json", "--set", "n_embd=32", "--logging-steps", "1"],
      ...["--max-steps", String(STEPS), "--eval-steps", "25", "--eval-batches", "4", "--save-steps", "4", ...flags],
    ],
    during,
  );

/** What must not depend on how often it was interrupted. */
const numbers = (out: string) =>
  readEvents(out).flatMap((event): object[] => {
    if (event.event === "evaluation") return [event];
    if (event.event !== "step") return [];
    const { step, loss, learning_rate, grad_norm } = event;
    return [{ step, loss, learning_rate, grad_norm }];
  });

/** When to kill: some milliseconds after the process began, or after its first step, or inside a checkpoint's writing. */
type Moment = { readonly after: "start" | "step"; readonly ms: number } | { readonly inside: "checkpoint" };

async function killed(out: string, moment: Moment): Promise<Ended> {
  let watcher: ReturnType<typeof watch> | undefined;
  const ended = await train(out, existsSync(join(out, "run.json")) ? ["--resume"] : [], {
    during(child) {
      const kill = () => child.kill("SIGKILL");
      if ("ms" in moment && moment.after === "start") setTimeout(kill, moment.ms);
      if (!("ms" in moment) || moment.after === "step") child.stdout!.once("data", () => setTimeout(step, 0));
      function step() {
        if ("ms" in moment) setTimeout(kill, moment.ms);
        else {
          const folder = join(out, "checkpoints");
          mkdirSync(folder, { recursive: true });
          watcher = watch(folder, (_, name) => void (name?.startsWith(".unfinished-step-") && kill()));
        }
      }
    },
  });
  watcher?.close();
  return ended;
}

test(
  `killed ${KILLS} times, it ends with the numbers of a run that nobody interrupted`,
  async () => {
    const [unbroken, broken] = ["unbroken", "broken"].map((name) => join(root, name)) as [string, string];
    expect(await train(unbroken, [])).toMatchObject({ status: 0 });
    let inside = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const moment: Moment =
        kill % 2 === 1
          ? { inside: "checkpoint" }
          : kill % 8 === 0
            ? { after: "start", ms: Math.random() * 1500 }
            : { after: "step", ms: Math.random() * 100 };
      expect(await killed(broken, moment)).toMatchObject({ status: "SIGKILL" });
      const folder = join(broken, "checkpoints");
      inside += Number(existsSync(folder) && readdirSync(folder).some((name) => name.startsWith(".unfinished-step-")));
      if (existsSync(join(broken, "model.safetensors"))) openFolder(broken).close();
    }
    expect(await train(broken, ["--resume"])).toMatchObject({ status: 0, stderr: "" });
    expect(numbers(broken)).toEqual(numbers(unbroken));
    expect(readdirSync(broken).filter((name) => name.startsWith("."))).toEqual([]);
    expect(inside).toBeGreaterThan(0);
    console.log(`${inside} of ${KILLS} kills were inside a checkpoint's writing`);
  },
  20_000 + 5_000 * KILLS,
);
