"""Writes lstm.json: a two-layer torch.nn.LSTM from a given state, its results, and the gradients of
Σ c ⊙ output + Σ d ⊙ (last h and c). Run here with torch 2.15: python3 make_lstm.py. A tensor is [shape, numbers].
"""
import json

import torch

torch.manual_seed(0)
B, T, E, H, L = 3, 5, 4, 6, 2
lstm = torch.nn.LSTM(E, H, L)
x, h0, c0 = (torch.randn(*shape, requires_grad=True) for shape in [(T, B, E), (L, B, H), (L, B, H)])
y, (h, c) = lstm(x, (h0, c0))
dy, dh, dc = (torch.randn(z.shape) for z in [y, h, c])
((dy * y).sum() + (dh * h).sum() + (dc * c).sum()).backward()


def store(z):
    return [list(z.shape), [float(f"{v:.7g}") for v in z.detach().reshape(-1).tolist()]]


made = {
    "inputs": {name: store(z) for name, z in {"x": x, "h0": h0, "c0": c0}.items()},
    "weights": {name: store(p) for name, p in lstm.named_parameters()},
    "results": {name: store(z) for name, z in {"y": y, "h": h, "c": c}.items()},
    "cotangents": {name: store(z) for name, z in {"y": dy, "h": dh, "c": dc}.items()},
    "gradients": {name: store(z.grad) for name, z in [("x", x), ("h0", h0), ("c0", c0), *lstm.named_parameters()]},
}
lines = ",\n".join(f'"{name}":{json.dumps(part, separators=(",", ":"))}' for name, part in made.items())
with open("lstm.json", "w") as f:
    f.write(f'{{"torch":"{torch.__version__}",\n{lines}}}\n')
