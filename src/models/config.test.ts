import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageOf } from "../../test/tiny-folder.ts";
import {
  depth,
  flag,
  keyHeads,
  labelCount,
  multipleOf,
  namesIn,
  oneOf,
  only,
  optionalWhole,
  ownNames,
  paddingId,
  positive,
  rate,
  readConfig,
  whole,
} from "./config.ts";

const spec = {
  modelType: "made-up",
  fields: {
    width: whole(),
    heads: whole(2),
    layers: depth(1),
    inner: optionalWhole(),
    eps: positive(1e-5),
    dropout: rate(0.1),
    tied: flag(true),
    act: oneOf(["gelu", "relu"], "gelu"),
    cross: only(false),
  },
  synonyms: { hidden_size: "width" },
  contradiction: multipleOf("width", "heads"),
};

test("fields that a file leaves out have the model type's defaults", () => {
  expect(readConfig(spec, { width: 4, unrelated: [1] })).toEqual({
    width: 4,
    heads: 2,
    layers: 1,
    inner: null,
    eps: 1e-5,
    dropout: 0.1,
    tied: true,
    act: "gelu",
    cross: false,
  });
});

test("a field may have another name, and its own comes first", () => {
  expect(readConfig(spec, { hidden_size: 6 }).width).toBe(6);
  expect(readConfig(spec, { hidden_size: 6, width: 8 }).width).toBe(8);
  expect(ownNames(spec, { hidden_size: 6, other: 1 })).toEqual({ width: 6, other: 1 });
  expect(ownNames(spec, { hidden_size: 6, width: 8 })).toEqual({ width: 8 });
});

describe("every impossible value is told by its field's name", () => {
  const size = "a whole number from 1 to 2147483647";
  test.each<[string, unknown, string, string]>([
    ["heads", 0, "0", size],
    ["heads", -1, "-1", size],
    ["heads", 1.5, "1.5", size],
    ["heads", 1e99, "1e+99", size],
    ["heads", 2 ** 31, "2147483648", size],
    ["heads", "4", '"4"', size],
    ["heads", null, "null", size],
    ["heads", true, "true", size],
    ["heads", [4], "[4]", size],
    ["heads", {}, "{}", size],
    ["heads", Number.NaN, "NaN", size],
    ["layers", 2 ** 30, "1073741824", "a whole number from 1 to 10000"],
    ["inner", 0, "0", `${size}, or null`],
    ["eps", 0, "0", "a number > 0"],
    ["eps", -1e-5, "-0.00001", "a number > 0"],
    ["eps", 1e99, "1e+99", "a number > 0"],
    ["eps", Number.POSITIVE_INFINITY, "Infinity", "a number > 0"],
    ["eps", "1e-5", '"1e-5"', "a number > 0"],
    ["dropout", 1, "1", "a number in [0, 1)"],
    ["dropout", -0.1, "-0.1", "a number in [0, 1)"],
    ["dropout", Number.NaN, "NaN", "a number in [0, 1)"],
    ["dropout", null, "null", "a number in [0, 1)"],
    ["tied", 1, "1", "true or false"],
    ["tied", "yes", '"yes"', "true or false"],
    ["act", "gelo", '"gelo"', "one of gelu, relu"],
    ["act", ["gelu"], '["gelu"]', "one of gelu, relu"],
    ["cross", true, "true", "false: nothing else is implemented"],
  ])("%s: %j", (name, value, shown, wants) => {
    expect(messageOf(() => readConfig(spec, { width: 4, [name]: value }))).toBe(
      `made-up: "${name}" is ${shown}, but must be ${wants}`,
    );
  });
});

test("labels are counted by their names, else by number, else there are two", () => {
  const labelled = { modelType: "made-up", fields: { num_labels: labelCount() } };
  expect(readConfig(labelled, {}).num_labels).toBe(2);
  expect(readConfig(labelled, { num_labels: 5 }).num_labels).toBe(5);
  expect(readConfig(labelled, { num_labels: 5, id2label: { 0: "a", 1: "b", 2: "c" } }).num_labels).toBe(3);
});

test("keys have as many heads as queries where the file says null, and else at most the usual number", () => {
  const fields = { num_attention_heads: whole(), num_key_value_heads: keyHeads(8) };
  const of = (given: object) => readConfig({ modelType: "made-up", fields }, { ...given }).num_key_value_heads;
  expect(of({ num_attention_heads: 12 })).toBe(8);
  expect(of({ num_attention_heads: 4 })).toBe(4);
  expect(of({ num_attention_heads: 12, num_key_value_heads: null })).toBe(12);
  expect(of({ num_attention_heads: 12, num_key_value_heads: 3 })).toBe(3);
});

test("the id of padding may be null or -1, and no other number below 0", () => {
  const spec = { modelType: "made-up", fields: { pad_token_id: paddingId(3) } };
  expect(readConfig(spec, {}).pad_token_id).toBe(3);
  expect(readConfig(spec, { pad_token_id: null }).pad_token_id).toBe(null);
  expect(readConfig(spec, { pad_token_id: -1 }).pad_token_id).toBe(-1);
  expect(() => readConfig(spec, { pad_token_id: -2 })).toThrow(
    'made-up: "pad_token_id" is -2, but must be a whole number from -1 to 2147483647, or null',
  );
});

test("names may be a list, a text with | between them, or null", () => {
  const named = { modelType: "made-up", fields: { kinds: namesIn("kinds", ["c2p", "p2c"]) } };
  expect(readConfig(named, { kinds: "C2P | p2c" }).kinds).toEqual(["c2p", "p2c"]);
  expect(readConfig(named, { kinds: ["p2c"] }).kinds).toEqual(["p2c"]);
  expect(readConfig(named, { kinds: null }).kinds).toEqual([]);
  expect(() => readConfig(named, { kinds: "p2p" })).toThrow(
    'made-up: "kinds" is ["p2p"], but must be a list of c2p, p2c, or null',
  );
});

test("a field that must be there is asked for", () => {
  expect(() => readConfig(spec, {})).toThrow('made-up: config.json has no "width"; is this a "made-up" checkpoint?');
});

test("the file of another model is told by its type", () => {
  expect(() => readConfig(spec, { model_type: "bert", width: 4 })).toThrow(
    'made-up: config.json says "model_type": "bert"; is this a "made-up" checkpoint?',
  );
});

test("heads that do not divide the width are told with both numbers", () => {
  expect(() => readConfig(spec, { width: 5 })).toThrow("made-up: width 5 is not a multiple of heads 2");
});

test("a value is shown on one line, and not in full", () => {
  expect(messageOf(() => readConfig(spec, { width: `4\u2028\n${"x".repeat(1e6)}` }))).toMatch(
    /^made-up: "width" is "4\?\\nx{77}…", but must be a whole number/,
  );
});

test("whatever a file holds, there is a configuration or one short line", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(spec.fields)), fc.anything(), (name, value) => {
      let message = "";
      try {
        readConfig(spec, { width: 4, [name]: value });
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).not.toMatch(/[\n\r\u2028\u2029]/);
      expect(message.length).toBeLessThan(250);
    }),
  );
});
