/**
 * Translation, and whatever else reads one text and writes another: each token of the target is predicted from the
 * source and the target before it.
 */
import { forward, type Model } from "../models/index.ts";
import {
  broadcastTo,
  cast,
  crossEntropy,
  type Float,
  type Ids,
  less,
  sizes,
  type Tensor,
  uniform,
} from "../tensor/index.ts";
import type { Tokenizer } from "../tokenizers/index.ts";
import { idOf } from "./pair-rows.ts";
import type { Task } from "./task.ts";
import { type TeacherForcing, teachingOf } from "./teacher-forcing.ts";
import { openPairs, type PairData } from "./text-pairs.ts";
import { examOf, startOf, writingOf } from "./translation-exam.ts";

export interface TranslationOptions {
  /** Of the target; the source's reads both unless given. */
  readonly targetTokenizer?: Tokenizer;
  /** The most tokens of a row on either side, its end counted; longer pairs are counted and left out of training. */
  readonly maxLength?: number;
  /** Scores are of lower-cased texts. */
  readonly lowercase?: boolean;
  readonly labelSmoothing?: number;
  readonly teacherForcing?: TeacherForcing;
}

type Inputs = Readonly<Record<string, Tensor>>;

/** Metrics are sacreBLEU's BLEU (13a), chrF and TER. Throws a TypeError for an option that is not what it must be. */
export function translation(options: TranslationOptions = {}): Task<PairData> {
  const { targetTokenizer, maxLength = 128, lowercase = false, labelSmoothing = 0, teacherForcing } = options;
  if (!(Number.isSafeInteger(maxLength) && maxLength >= 2))
    throw new TypeError(`translation: maxLength is ${maxLength}, but must be a whole number ≥ 2`);
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    throw new TypeError(`translation: labelSmoothing is ${labelSmoothing}, but must be a number in [0, 1)`);
  const teaching = teachingOf(teacherForcing);
  const token = { dtype: "int64", shape: ["batch", "source"] } as const;
  const evaluationLoss = (model: Model, { input_ids, attention_mask, labels }: Inputs): Float =>
    crossEntropy(
      forward(model, { input_ids: input_ids!, attention_mask: attention_mask!, labels: labels! }).logits!,
      labels as Ids,
    );
  return {
    name: "translation",
    settings: { maxLength, lowercase, labelSmoothing, ...teaching.settings },
    batch: {
      input_ids: token,
      attention_mask: token,
      labels: { dtype: "int64", shape: ["batch", "time"] }, // −100 behind a row's end
      ...(teaching.always ? {} : { teacher_forcing: { dtype: "float32", shape: [] } }), // the share of true tokens
    },
    loss(model, { input_ids, attention_mask, labels, teacher_forcing: share }): Float {
      const [B, T] = sizes(labels!, "B T");
      const drawn = teaching.wholeRows ? broadcastTo(uniform([B, 1]), [B, T]) : uniform([B, T]);
      const forced = share && { teacher_forcing: cast(less(drawn, share as Tensor<"float32">), "float32") };
      const { logits } = forward(model, {
        input_ids: input_ids!,
        attention_mask: attention_mask!,
        labels: labels!,
        ...forced,
      });
      return crossEntropy(logits!, labels as Ids, { labelSmoothing });
    },
    evaluationLoss,
    metrics: (loss) => ({ perplexity: Math.exp(loss) }),
    requirements: (tokenizer) => {
      const target = targetTokenizer ?? tokenizer;
      const special = {
        pad_token_id: idOf(target, "pad"),
        eos_token_id: idOf(target, "eos"),
        decoder_start_token_id: startOf(target),
      };
      return {
        vocabulary: target.vocabSize,
        sourceVocabulary: tokenizer.vocabSize,
        positions: maxLength,
        config: special,
      };
    },
    ...(targetTokenizer && { targetTokenizer }),
    generation(tokenizer) {
      const { start, maxNewTokens, suppressTokens } = writingOf(targetTokenizer ?? tokenizer, maxLength);
      return {
        decoder_start_token_id: start[0]!,
        max_new_tokens: maxNewTokens,
        suppress_tokens: suppressTokens,
        do_sample: false,
      };
    },
    async open(data, tokenizer, given) {
      const target = targetTokenizer ?? tokenizer;
      const writing = writingOf(target, maxLength);
      return openPairs(data, {
        ...given,
        source: tokenizer,
        target,
        maxLength,
        ...(!teaching.always && {
          extra: (step) => ({ teacher_forcing: scalar(step === undefined ? 1 : teaching.share(step)) }),
        }),
        exam: (held, rows) => examOf(held, rows, { tokenizer, target, writing, lowercase }),
      });
    },
  };
}

const scalar = (x: number) => ({ dtype: "float32", dims: [], data: Float32Array.of(x) }) as const;
