/** The grammar beyond what single commands show: groups of commands, loading, values, and errors in words. */
import { CommanderError, InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import { fakeTerminal } from "../../test/fake-terminal.ts";
import type { Context } from "./context.ts";
import { checked, complaintOf, UserError } from "./errors.ts";
import { createProgram } from "./program.ts";
import { matmulSpeed, trainingSpeed } from "./speed-test.ts";
import { list, number, wholeNumber } from "./values.ts";

/** A program with "tokenizer train" and "tokenizer encode", and what happens to it. */
function tokenizerProgram() {
  const told: unknown[] = [];
  const entry = (name: string, status?: number) => ({
    name,
    summary: `${name} it`,
    load: async () => {
      told.push(`load ${name}`);
      return {
        describe: (command: { option(flags: string): unknown }) => void command.option("--size <n>"),
        run: async (args: readonly string[], options: never, { seed, json }: Context) => {
          told.push({ name, args, options, seed, json });
          return status;
        },
      };
    },
  });
  const program = createProgram([{ name: "tokenizer", summary: "s", commands: [entry("train", 1), entry("encode")] }], {
    version: "1",
    signal: new AbortController().signal,
    entered: (path) => told.push(path),
    ended: (status) => told.push(status),
  });
  return { told, parse: (line: string) => program.parseAsync(line.split(" "), { from: "user" }) };
}

test("a command of a group is loaded alone, and gets its arguments, its options and the global ones", async () => {
  const { told, parse } = tokenizerProgram();
  await parse("tokenizer --seed 3 train --size 5");
  expect(told).toEqual([
    "trainformer tokenizer",
    "trainformer tokenizer train",
    "load train",
    { name: "train", args: [], options: { size: "5" }, seed: 3, json: false },
    1,
  ]);
});

test("what a group lacks is refused with the nearest name", async () => {
  const { told, parse } = tokenizerProgram();
  const error = await parse("tokenizer trian").catch((error: unknown) => error);
  expect(complaintOf(error, "trainformer tokenizer")).toEqual({
    status: 2,
    message: "unknown command 'trian'",
    remedy: "did you mean train?",
  });
  expect(told).toEqual(["trainformer tokenizer"]);
});

test("an error in what the user gave has status 2, any other status 1; each is one line", async () => {
  const wrong = new UserError("two\n  lines ", { remedy: "write\r\none" });
  expect(complaintOf(wrong, "")).toEqual({ status: 2, message: "two lines", remedy: "write one" });
  expect(complaintOf(new TypeError("disk\nfull"), "")).toEqual({ status: 1, message: "disk full" });
  expect(complaintOf("thrown text", "")).toEqual({ status: 1, message: "thrown text" });
  expect(complaintOf(new CommanderError(1, "commander.help", "(outputHelp)"), "trainformer")).toEqual({
    status: 2,
    message: "no command is given",
    remedy: `"trainformer --help" lists them`,
  });
});

test("what goes wrong while input is checked is the input's fault", async () => {
  const cause = new RangeError("n_head 3");
  await expect(checked(() => Promise.reject(cause))).rejects.toMatchObject({
    name: "UserError",
    message: "n_head 3",
    cause,
  });
  const told = new UserError("x", { remedy: "y" });
  await expect(checked(() => Promise.reject(told))).rejects.toBe(told);
  expect(await checked(() => 5)).toBe(5);
});

test("values of options are numbers in their range, or refused with what they must be", () => {
  const refusal = (parse: (text: string) => unknown, text: string) => {
    try {
      parse(text);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidArgumentError);
      return (error as Error).message;
    }
    throw new Error(`${text} was taken`);
  };
  const steps = wholeNumber({ low: 1 });
  expect(["1", "+20", "1e3"].map(steps)).toEqual([1, 20, 1000]);
  for (const text of ["0", "-1", "1.5", "", " ", "1e99", "0x10", "Infinity"])
    expect(refusal(steps, text)).toBe("It must be a whole number ≥ 1.");
  expect(["0", ".5", "1e-3", "1"].map(number({ low: 0, high: 1 }))).toEqual([0, 0.5, 0.001, 1]);
  for (const text of ["-0.1", "1.1", "", "NaN", "much"])
    expect(refusal(number({ low: 0, high: 1 }), text)).toBe("It must be a number ≥ 0 and ≤ 1.");
  expect(refusal(number({ low: 0, open: true }), "0")).toBe("It must be a number > 0.");
  expect(refusal(number(), "Infinity")).toBe("It must be a number.");
  expect(list("c", list("a, b"))).toEqual(["a", "b", "c"]);
  expect(refusal(list, "a,,b")).toBe("It must be names with commas between them.");
});

test("others may write while a line is pinned, and find the screen as if it were not", () => {
  const { terminal, screen } = fakeTerminal();
  terminal.pin(() => "50 %");
  terminal.aside(() => terminal.print("a result"));
  terminal.print("a remark");
  expect(screen()).toEqual(["a result", "a remark", "50 %"]);
  terminal.pin(undefined);
  expect(screen()).toEqual(["a result", "a remark", ""]);
});

test("nothing is pinned where lines cannot be drawn again", () => {
  const { terminal, written } = fakeTerminal({ isTTY: false });
  terminal.pin(() => "50 %");
  terminal.print("a remark");
  expect(written).toEqual(["a remark\n"]);
});

test("the speed test measures something", async () => {
  expect(await matmulSpeed("cpu", 1, 0)).toBeGreaterThan(0.1);
  expect(await trainingSpeed("cpu", 1, 0)).toBeGreaterThan(10);
});
