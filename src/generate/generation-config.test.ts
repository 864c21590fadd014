import { expect, test } from "vitest";
import { type GenerationOptions, generationConfig } from "./generation-config.ts";

const given = (options: Readonly<Record<string, unknown>>) => () => generationConfig(options as GenerationOptions);
const inFile = (file: Readonly<Record<string, unknown>>) => () => generationConfig({}, file);

test("where nobody says anything, transformers' defaults hold", () => {
  expect(generationConfig()).toEqual({
    maxNewTokens: 20,
    maxLength: null,
    minNewTokens: null,
    minLength: 0,
    whenFull: "stop",
    doSample: false,
    seed: 0,
    numReturnSequences: 1,
    numBeams: 1,
    lengthPenalty: expect.any(Function),
    coveragePenalty: null,
    earlyStopping: false,
    temperature: 1,
    topK: 50,
    topP: 1,
    minP: null,
    renormalizeLogits: false,
    repetitionPenalty: 1,
    noRepeatNgramSize: 0,
    badWordsIds: [],
    suppressTokens: [],
    beginSuppressTokens: [],
    forcedBosTokenId: null,
    forcedEosTokenId: [],
    bosTokenId: null,
    decoderStartTokenId: null,
    eosTokenId: [],
    padTokenId: null,
    stopStrings: [],
  });
});

test("the caller's options come before the file's, and null takes a file's back", () => {
  const file = { top_k: 7, eos_token_id: [2, 3], pad_token_id: 1, stop_strings: "\n", temperature: null };
  const config = generationConfig({ topK: 5, eosTokenId: null, padTokenId: undefined }, file);
  expect(config).toMatchObject({ topK: 5, eosTokenId: [], padTokenId: 1, stopStrings: ["\n"], temperature: 1 });
  expect(generationConfig({ eosTokenId: 4, stopStrings: ["a", "b"] }, file)).toMatchObject({
    eosTokenId: [4],
    stopStrings: ["a", "b"],
  });
});

test("fields of a file that do not change what is generated are passed over", () => {
  const file = { transformers_version: "5.23.0", _from_model_config: true, use_cache: true, num_beams: 1, top_h: null };
  expect(generationConfig({}, file)).toEqual(generationConfig());
});

test("a caller's length takes the place of the file's, in whatever way each says it", () => {
  expect(generationConfig({ maxLength: 9 }, { max_new_tokens: 100 })).toMatchObject({
    maxNewTokens: null,
    maxLength: 9,
  });
  expect(generationConfig({ minLength: 3 }, { min_new_tokens: 10 })).toMatchObject({
    minNewTokens: null,
    minLength: 3,
  });
  expect(generationConfig({ topK: 3 }, { max_length: 100 })).toMatchObject({ maxNewTokens: null, maxLength: 100 });
});

test("an option of sampling asks for sampling, unless somebody says not to", () => {
  for (const options of [{ temperature: 0.8 }, { topK: 5 }, { topP: 0.9 }, { minP: 0.1 }]) {
    expect(generationConfig(options).doSample).toBe(true);
    expect(generationConfig({ ...options, doSample: false }).doSample).toBe(false);
    expect(generationConfig(options, { do_sample: false }).doSample).toBe(false);
  }
  expect(generationConfig({ seed: 4 }, { temperature: 0.8 }).doSample).toBe(false);
  expect(generationConfig({}, { do_sample: true }).doSample).toBe(true);
});

test("an unknown option is answered with the nearest one", () => {
  expect(given({ topk: 5 })).toThrow('generate: there is no option "topk"; did you mean "topK"?');
  expect(given({ max_new_tokens: 5 })).toThrow(
    'generate: there is no option "max_new_tokens"; did you mean "maxNewTokens"?',
  );
});

test("a value that cannot be is told with what it must be, and with where it stands", () => {
  const wants: readonly [Record<string, unknown>, string][] = [
    [{ maxNewTokens: 0 }, "maxNewTokens is 0, but must be a whole number ≥ 1"],
    [{ minNewTokens: 1.5 }, "minNewTokens is 1.5, but must be a whole number ≥ 0"],
    [
      { temperature: 0 },
      "temperature is 0, but must be a number > 0; for the likeliest token at each step: doSample false",
    ],
    [{ temperature: Number.POSITIVE_INFINITY }, "temperature is Infinity, but must be a number > 0"],
    [{ repetitionPenalty: Number.NaN }, "repetitionPenalty is NaN, but must be a number > 0"],
    [{ topK: -1 }, "topK is -1, but must be a whole number ≥ 0"],
    [{ topP: 1.1 }, "topP is 1.1, but must be a number from 0 to 1"],
    [{ minP: "0.1" }, 'minP is "0.1", but must be a number from 0 to 1'],
    [{ doSample: "yes" }, 'doSample is "yes", but must be true or false'],
    [{ seed: 2n }, "seed is 2, but must be a whole number ≥ 0"],
    [{ whenFull: "wrap" }, 'whenFull is "wrap", but must be one of stop, slide'],
    [{ numBeams: 0 }, "numBeams is 0, but must be a whole number ≥ 1"],
    [{ lengthPenalty: "long" }, 'lengthPenalty is "long", but must be a number or a function of a length'],
    [{ lengthPenalty: Number.NaN }, "lengthPenalty is NaN, but must be a number or a function of a length"],
    [{ earlyStopping: "soon" }, 'earlyStopping is "soon", but must be one of true, false, "never"'],
    [{ coveragePenalty: 1 }, "coveragePenalty is 1, but must be a function of each source position's attention"],
    [{ padTokenId: -1 }, "padTokenId is -1, but must be a token's id (a whole number ≥ 0)"],
    [{ eosTokenId: [1, -1] }, "eosTokenId is [1,-1], but must be a token's id (a whole number ≥ 0) or a list of ids"],
    [{ badWordsIds: [[1], []] }, "badWordsIds is [[1],[]], but must be a list of lists of token ids"],
    [{ stopStrings: ["a", ""] }, 'stopStrings is ["a",""], but must be a text or a list of texts, none of them empty'],
  ];
  for (const [options, message] of wants) expect(given(options)).toThrow(`generate: ${message}`);
  expect(inFile({ top_k: -1 })).toThrow("generation_config.json: top_k is -1, but must be a whole number ≥ 0");
});

test("what a search alone heeds is told to who has none, unless it stands in the file", () => {
  expect(given({ lengthPenalty: 2 })).toThrow(
    "generate: lengthPenalty is of a beam search, and numBeams is 1; set numBeams, 4 for example",
  );
  expect(given({ earlyStopping: "never" })).toThrow("generate: earlyStopping is of a beam search, and numBeams is 1");
  expect(given({ coveragePenalty: () => 0 })).toThrow("generate: coveragePenalty is of a beam search");
  expect(generationConfig({}, { length_penalty: 2, early_stopping: true }).lengthPenalty(3)).toBe(9);
  expect(generationConfig({ numBeams: 2, lengthPenalty: (length) => 7 * length }).lengthPenalty(3)).toBe(21);
});

test("what is not implemented is refused, and told how to go without it", () => {
  expect(inFile({ num_beam_groups: 4 })).toThrow(
    "generation_config.json: num_beam_groups is 4, which is not implemented; numBeamGroups: 1 goes without it",
  );
  expect(inFile({ sequence_bias: [[[1], 2]] })).toThrow("sequenceBias: null goes without it");
  expect(given({ numBeamGroups: 4 })).toThrow("generate: numBeamGroups is 4, which is not implemented");
  expect(generationConfig({ numBeamGroups: 1 }, { num_beam_groups: 4 })).toEqual(generationConfig());
});

test("options that contradict each other are told together", () => {
  expect(given({ minNewTokens: 30 })).toThrow("generate: minNewTokens 30 is more than maxNewTokens 20");
  expect(given({ numReturnSequences: 3 })).toThrow(
    "generate: numReturnSequences 3 without sampling gives one text 3 times; set doSample: true, or numBeams: 3",
  );
  expect(given({ numReturnSequences: 5, numBeams: 3 })).toThrow(
    "generate: numReturnSequences 5 is more than numBeams 3; set numBeams: 5",
  );
  expect(given({ numBeams: 3, whenFull: "slide" })).toThrow(
    'generate: numBeams is 3, but whenFull: "slide" forgets what beams are compared by; set whenFull: "stop", or numBeams: 1',
  );
});
