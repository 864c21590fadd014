"""What transformers' logits processors make of some logits -> processors.json.   python processors.py (torch 2.15, transformers 5.23)

`alone`: each class by itself. `together`: the list that `generate` makes of a configuration, in its order, on rows of
one length. Logits are multiples of 1/64, so that equal ones are equal everywhere; null stands for -infinity.
"""
import json
import math
from pathlib import Path

import torch
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel
from transformers.generation import logits_process as lp

VOCABULARY = 16


def logits(seed):
    return torch.tensor([((7 * i + 29 * seed) * (i + 5) % 97 - 48) / 64 * 8 for i in range(VOCABULARY)])


def numbers(x):
    return [None if v == -math.inf else v for v in x.tolist()]


def alone(function, processor, *arguments, text=(0,), x=None, seed=1):
    x = logits(seed) if x is None else torch.tensor(x, dtype=torch.float32)
    got = processor(torch.tensor([list(text)]), x[None].clone())[0]
    return {"function": function, "arguments": list(arguments), "text": list(text), "logits": numbers(x), "expected": numbers(got)}


TEXT = (3, 5, 3, 7, 5, 3)
EVEN = [1.0] * 10
STEPS = [0.0, math.log(2), 0.0, math.log(4), math.log(2), 0.0, math.log(4), 0.0]
ALONE = [
    *[alone("penalizeRepetition", lp.RepetitionPenaltyLogitsProcessor(p), p, text=TEXT, seed=s) for p in (1.3, 0.7) for s in (1, 2)],
    *[alone("noRepeatNgram", lp.NoRepeatNGramLogitsProcessor(n), n, text=TEXT) for n in (1, 2, 3, 6, 7)],
    *[alone("noBadWords", lp.NoBadWordsLogitsProcessor(w), w, text=TEXT) for w in ([[4], [5, 3, 9]], [[3, 1], [5, 3, 2], [7, 3, 6]])],
    alone("suppress", lp.SuppressTokensLogitsProcessor([2, 8]), [2, 8]),
    alone("force", lp.ForcedEOSTokenLogitsProcessor(2, [6]), [6]),
    *[alone("temper", lp.TemperatureLogitsWarper(t), t, seed=3) for t in (0.7, 1.9)],
    *[alone("topK", lp.TopKLogitsWarper(k), k, seed=s) for k in (1, 5, 16, 50) for s in (4, 5)],
    alone("topK", lp.TopKLogitsWarper(2), 2, x=[1, 3, 2, 2, 0]),
    *[alone("topP", lp.TopPLogitsWarper(p), p, seed=s) for p in (0.0, 0.3, 0.9, 0.999) for s in (6, 7)],
    *[alone("topP", lp.TopPLogitsWarper(p), p, x=EVEN) for p in (0.05, 0.35, 0.9, 0.95)],
    *[alone("topP", lp.TopPLogitsWarper(p), p, x=STEPS) for p in (0.4, 0.55, 0.8, 0.97)],
    alone("topP", lp.TopPLogitsWarper(0.9), 0.9, x=[-math.inf, 1, -math.inf, 0, -3]),
    *[alone("minP", lp.MinPLogitsWarper(p), p, seed=s) for p in (0.0, 0.02, 0.3, 1.0) for s in (8, 9)],
]


model = GPT2LMHeadModel(GPT2Config(vocab_size=VOCABULARY, n_positions=32, n_embd=4, n_layer=1, n_head=1))
model.generation_config = GenerationConfig()
TEXTS = [[3, 5, 3, 7, 5, 3], [1, 9, 1, 9, 4, 4]]


def together(seed, prompt, texts=TEXTS, **options):
    """`prompt`: how much of the texts was given; the rest is new."""
    config, _ = model._prepare_generation_config(GenerationConfig(**options))
    default_length = config.max_length is None or "max_length" not in options
    model._prepare_special_tokens(config, True, device="cpu")
    config = model._prepare_generated_length(config, default_length, "min_length" not in options, "input_ids", prompt, torch.tensor(texts))
    mask = torch.ones(len(texts), prompt, dtype=torch.long)
    processors = model._get_logits_processor(config, input_ids_seq_length=prompt, device="cpu", model_kwargs={"attention_mask": mask})
    x = torch.stack([logits(seed), logits(seed + 1)])
    got = processors(torch.tensor(texts), x.clone())
    return {"config": options, "prompt": prompt, "limit": config.max_length - prompt, "texts": texts,
            "logits": [numbers(row) for row in x], "expected": [numbers(row) for row in got]}


TOGETHER = [
    together(1, 2, do_sample=True),
    together(2, 2, do_sample=True, temperature=0.7, top_k=9, top_p=0.8, min_p=0.05),
    together(3, 3, do_sample=True, temperature=1.5, top_k=0, top_p=0.7, repetition_penalty=1.2, no_repeat_ngram_size=2),
    together(4, 6, eos_token_id=3, pad_token_id=0, min_new_tokens=2, suppress_tokens=[1, 2], begin_suppress_tokens=[4, 8]),
    together(5, 5, eos_token_id=3, pad_token_id=0, min_new_tokens=1, begin_suppress_tokens=[4, 8]),
    together(6, 2, eos_token_id=[3, 4], pad_token_id=0, min_length=7, max_length=9, bad_words_ids=[[3], [5, 3, 6], [4, 11]]),
    together(6, 2, eos_token_id=3, pad_token_id=0, min_length=6, bad_words_ids=[[3], [5]]),
    together(7, 2, eos_token_id=3, pad_token_id=0, forced_eos_token_id=3, max_new_tokens=5, suppress_tokens=[1]),
    together(8, 2, eos_token_id=3, pad_token_id=0, forced_eos_token_id=[3, 6], max_new_tokens=6),
    together(9, 2, do_sample=True, repetition_penalty=1.7, temperature=0.5, top_k=6, min_p=0.1, bad_words_ids=[[9]], suppress_tokens=[0]),
    together(10, 1, texts=[[3], [1]], forced_bos_token_id=4, suppress_tokens=[5], begin_suppress_tokens=[4]),
    together(11, 1, texts=[[3, 4], [1, 4]], forced_bos_token_id=4, begin_suppress_tokens=[7, 8]),
    together(12, 2, texts=[[3, 4], [1, 4]], forced_bos_token_id=4, begin_suppress_tokens=[7, 8]),
]

if __name__ == "__main__":
    path = Path(__file__).with_name("processors.json")
    cases = lambda items: "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"
    path.write_text(f'{{"alone": {cases(ALONE)},\n"together": {cases(TOGETHER)}}}\n')
