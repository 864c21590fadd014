"""Ten AdamW steps of one Transformer block with tied embeddings -> steps.json.   python steps.py (torch 2.15)

Weights are multiples of 1/512, exact in float32; the model of test/tiny-transformer.ts, the same names.
"""
import json
import math
from pathlib import Path

import torch
from torch.nn import functional as F

V, T, C, HEADS, HIDDEN, B = 11, 6, 8, 2, 16, 4
SHAPES = {
    "wte.weight": [V, C], "wpe.weight": [T, C],
    "ln_1.weight": [C], "ln_1.bias": [C], "c_attn.weight": [C, 3 * C], "c_attn.bias": [3 * C], "c_proj.weight": [C, C],
    "ln_2.weight": [C], "ln_2.bias": [C], "c_fc.weight": [C, HIDDEN], "c_fc.bias": [HIDDEN], "c_out.weight": [HIDDEN, C],
    "ln_f.weight": [C], "ln_f.bias": [C],
}


def first(name, shape, row):
    n = math.prod(shape)
    x = torch.tensor([((37 * i + 17 * row) % 101 - 50) / 512 for i in range(n)], dtype=torch.float32).reshape(shape)
    return torch.nn.Parameter(x + 1 if name.startswith("ln") and name.endswith("weight") else x)


def forward(w, ids):
    b, t = ids.shape
    norm = lambda x, name: F.layer_norm(x, [C], w[name + ".weight"], w[name + ".bias"], 1e-5)
    x = w["wte.weight"][ids] + w["wpe.weight"][:t]
    q, k, v = (y.reshape(b, t, HEADS, C // HEADS).transpose(1, 2) for y in (norm(x, "ln_1") @ w["c_attn.weight"] + w["c_attn.bias"]).split(C, -1))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    x = x + y.transpose(1, 2).reshape(b, t, C) @ w["c_proj.weight"]
    x = x + F.gelu(norm(x, "ln_2") @ w["c_fc.weight"] + w["c_fc.bias"]) @ w["c_out.weight"]
    return norm(x, "ln_f") @ w["wte.weight"].T


def batch(step):
    ids = torch.tensor([(7 * i + 3 * step + i * i) % V for i in range(B * T)]).reshape(B, T)
    return ids, (3 * ids + 1) % V


settings = {"lr": 0.02, "weight_decay": 0.1, "max_norm": 1.0}
params = {name: first(name, shape, row) for row, (name, shape) in enumerate(SHAPES.items())}
optimizer = torch.optim.AdamW(params.values(), lr=settings["lr"], betas=(0.9, 0.95), weight_decay=settings["weight_decay"])
losses, norms = [], []
for step in range(1, 11):
    ids, labels = batch(step)
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(params, ids).reshape(-1, V), labels.reshape(-1))
    loss.backward()
    norms.append(torch.nn.utils.clip_grad_norm_(params.values(), settings["max_norm"]).item())
    optimizer.step()
    losses.append(loss.item())

after = {name: params[name].detach().flatten().tolist() for name in ("c_fc.bias", "ln_1.weight")}  # not c_attn.bias: a key's bias has no gradient but noise
Path(__file__).with_suffix(".json").write_text(
    json.dumps({"settings": settings, "shapes": SHAPES, "losses": losses, "norms": norms, "after": after}, separators=(",", ":")).replace('],"', '],\n"') + "\n"
)
