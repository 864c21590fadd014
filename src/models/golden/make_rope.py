"""Rotary angles of Hugging Face transformers: rope.json beside this file.

    pip install torch==2.15.0 transformers==5.23.0      # CPU
    python src/models/golden/make_rope.py

For each kind of rope: its config.json fields, and cosines and sines [positions, pairs] at some positions. Kinds whose
turns follow from the longest sequence are there with several.
"""
import json
from pathlib import Path

import torch
from transformers import GPTNeoXConfig, LlamaConfig
from transformers.models.gpt_neox.modeling_gpt_neox import GPTNeoXRotaryEmbedding
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

LLAMA = dict(hidden_size=32, num_attention_heads=4, max_position_embeddings=64)
KINDS = {
    "default": {},
    "theta": dict(rope_theta=500000.0),
    "linear": dict(rope_scaling=dict(type="linear", factor=3.0), rope_theta=5000.0),
    "dynamic": dict(rope_scaling=dict(rope_type="dynamic", factor=2.0)),
    "yarn": dict(rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
    "yarn, all numbers": dict(rope_scaling=dict(
        rope_type="yarn", factor=8.0, original_max_position_embeddings=32, beta_fast=8, beta_slow=2, truncate=False,
        mscale=1.2, mscale_all_dim=0.7)),
    "yarn, factor given": dict(rope_scaling=dict(
        rope_type="yarn", factor=8.0, original_max_position_embeddings=8, attention_factor=1.5)),
    "longrope": dict(rope_scaling=dict(
        rope_type="longrope", short_factor=[1.0, 1.1, 1.5, 2.0], long_factor=[1.5, 2.0, 4.0, 9.0],
        original_max_position_embeddings=16)),
    "proportional": dict(rope_parameters=dict(
        rope_type="proportional", rope_theta=500.0, partial_rotary_factor=0.5, factor=2.0)),
    "llama3": dict(rope_theta=500.0, rope_scaling=dict(
        rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)),
}
POSITIONS = [[0, 1, 2, 7, 15], [3, 16, 40, 63], [5, 64, 100, 300]]


def angles(rope, head):
    found = []
    for positions in POSITIONS:
        cos, sin = rope(torch.zeros(1, 1, head), torch.tensor([positions]))
        pairs = cos.shape[-1] // 2
        found.append(dict(positions=positions, cos=cos[0, :, :pairs].flatten().tolist(), sin=sin[0, :, :pairs].flatten().tolist()))
    return found


cases = {}
for name, fields in KINDS.items():
    config = LLAMA | json.loads(json.dumps(fields))
    cases[name] = dict(head_size=8, config=LLAMA | fields, angles=angles(LlamaRotaryEmbedding(LlamaConfig(**config)), 8))
partial = dict(hidden_size=48, num_attention_heads=4, max_position_embeddings=64, rotary_pct=0.5, rotary_emb_base=2000)
cases["a part of the head"] = dict(
    head_size=12, config=partial, angles=angles(GPTNeoXRotaryEmbedding(GPTNeoXConfig(**partial)), 12))

text = json.dumps(json.loads(json.dumps(cases), parse_float=lambda x: float(f"{float(x):.8g}")), indent=1)
(Path(__file__).parent / "rope.json").write_text(text + "\n")
