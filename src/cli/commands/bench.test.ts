import { expect, test } from "vitest";
import { jsonLines, trainformer } from "../../../test/spawn-cli.ts";

test("bench tells a case's speed", async () => {
  const ended = await trainformer(["bench", "gpt_tiny", "--steps", "3", "--json", "--quiet", "--threads", "1"]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
  const [line, ...others] = jsonLines(ended) as [Record<string, number>];
  expect(others).toEqual([]);
  expect(line).toMatchObject({ case: "gpt_tiny", device: "cpu" });
  expect(line["tokens_per_second"]).toBeCloseTo((1000 * 16 * 32) / line["ms"]!, 6);
  expect(line["loss"]).toBeLessThan(Math.log(65));
});

test("a case that is not there is refused with those that are", async () => {
  expect(await trainformer(["bench", "gpt_huge"])).toEqual({
    status: 2,
    stdout: "",
    stderr: `error: bench: there is no case "gpt_huge" yet; there are gpt_tiny, gpt_cpu, gpt_baby, gpt_wide, lstm_char, lstm_512, nmt_gru, bert_mini, minilm, bert_base\n`,
  });
});
