"""What transformers' `generate` finds with beams -> beams.json.   python beams.py (torch 2.15, transformers 5.23)

Tiny GPT-2s whose weights are a hash of their places (`weights` below and in beams.test.ts), under generation settings
drawn at random. Prompts are ids without padding; sequences are what `generate` returns, so padded on the left and filled
up on the right. Where a setting looks at the text (repetitions, forbidden words), the prompts of a batch have one length:
transformers' processors would see their padding.
"""
import json
import random
from pathlib import Path

import numpy as np
import torch
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

SIZES = {"vocab_size": 13, "n_positions": 24, "n_embd": 8, "n_layer": 2, "n_head": 2}


def hash32(x):
    x = x.astype(np.uint32)
    x = (x ^ (x >> 16)) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> 15)) * np.uint32(0x846CA68B)
    return x ^ (x >> 16)


def weights(model, seed):
    """Parameter k, in the order of their names, at place i: hash32(1000003 k + i + seed) / 2^32 from -1 to 1, times 0.9."""
    with torch.no_grad():
        for k, (_, p) in enumerate(sorted(model.named_parameters())):
            places = np.arange(p.numel(), dtype=np.uint64) + 1000003 * k + seed
            p.copy_(torch.from_numpy(((hash32(places) / 2**32 * 2 - 1) * 0.9).astype(np.float32).reshape(p.shape)))


def settings(draw):
    beams = draw.choice([2, 2, 3, 4, 5, 7])
    of = {"num_beams": beams, "max_new_tokens": draw.choice([2, 3, 5, 8, 10]), "pad_token_id": draw.choice([0, 2])}
    maybe = lambda chance, name, values: of.update({name: draw.choice(values)}) if draw.random() < chance else None
    maybe(0.7, "num_return_sequences", range(1, beams + 1))
    maybe(0.7, "length_penalty", [-1.0, 0.0, 0.3, 1.0, 2.0, 5.0])
    maybe(0.7, "early_stopping", [True, False, "never"])
    maybe(0.85, "eos_token_id", [3, 5, 11, [4, 9], [1, 6, 8]])
    if "eos_token_id" in of:
        maybe(0.2, "min_new_tokens", [1, 2])
        maybe(0.15, "forced_eos_token_id", [of["eos_token_id"]] if isinstance(of["eos_token_id"], int) else [4])
    maybe(0.15, "renormalize_logits", [True])
    maybe(0.15, "suppress_tokens", [[2, 7], [0]])
    maybe(0.15, "begin_suppress_tokens", [[1, 2, 12]])
    one_length = draw.random() < 0.4
    if one_length:
        maybe(0.5, "repetition_penalty", [1.4, 0.8])
        maybe(0.4, "no_repeat_ngram_size", [1, 2, 3])
        maybe(0.4, "bad_words_ids", [[[7]], [[7], [2, 3], [10, 10]]])
    return of, one_length


def case(seed):
    draw = random.Random(seed)
    model = GPT2LMHeadModel(GPT2Config(**SIZES)).eval()
    weights(model, seed)
    model.generation_config = GenerationConfig()
    of, one_length = settings(draw)
    lengths = [draw.randint(1, 6)] * 3 if one_length else [draw.randint(1, 6) for _ in range(3)]
    prompts = [[draw.randrange(13) for _ in range(n)] for n in lengths[: draw.randint(1, 3)]]
    if all(len(p) == 1 for p in prompts) and draw.random() < 0.5:
        of["forced_bos_token_id"] = 4
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    out = model.generate(ids, attention_mask=mask, generation_config=GenerationConfig(**of, output_scores=True, return_dict_in_generate=True))
    return {"seed": seed, "config": of, "prompts": prompts, "sequences": out.sequences.tolist(), "scores": [round(s, 6) for s in out.sequences_scores.tolist()]}


if __name__ == "__main__":
    cases = ",\n".join(json.dumps(case(seed)) for seed in range(1, 161))
    Path(__file__).with_name("beams.json").write_text(f'{{"sizes": {json.dumps(SIZES)}, "cases": [\n{cases}\n]}}\n')
