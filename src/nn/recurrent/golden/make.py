"""Writes recurrent.json: torch.nn.RNN, LSTM and GRU over padded and whole rows, their cells, and gradients.

Computed in float64 and written as float32. The gradients are of Σ c ⊙ output + Σ d ⊙ last states. Padded rows are
packed (torch.nn.utils.rnn.pack_padded_sequence), so that each is run for its own length.
Run here with torch 2.15: python3 make.py. A tensor is [shape, numbers].
"""
import json

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
E, H, T, B = 2, 3, 5, 3
LENGTHS = [5, 2, 4]


def draw(*shape):
    return torch.randn(shape).mul(100).round().div(100)


def store(x):
    return [list(x.shape), [float(f"{v:.8g}") for v in x.detach().reshape(-1).tolist()]]


def stored(tensors):
    return {name: store(x) for name, x in tensors.items()}


def sequence(name, cls, padded=False, **options):
    model = cls(E, H, **options)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(draw(*p.shape) * 0.7)
    count = model.num_layers * (2 if model.bidirectional else 1)
    x = draw(T, B, E).requires_grad_()
    start = [draw(count, B, H).requires_grad_() for _ in range(2 if cls is torch.nn.LSTM else 1)]
    given = tuple(start) if len(start) == 2 else start[0]
    if padded:
        y, end = model(pack_padded_sequence(x, torch.tensor(LENGTHS), enforce_sorted=False), given)
        y, _ = pad_packed_sequence(y, total_length=T)
    else:
        y, end = model(x, given)
    end = end if isinstance(end, tuple) else (end,)
    dy, *dend = [draw(*z.shape) for z in (y, *end)]
    sum((c * z).sum() for c, z in zip([dy, *dend], [y, *end])).backward()
    return dict(
        name=name, kind=cls.__name__.lower(), options=options, **(dict(lengths=LENGTHS) if padded else {}),
        weights=stored(dict(model.named_parameters())), x=store(x), start=[store(s) for s in start], y=store(y),
        end=[store(s) for s in end], dy=store(dy), dend=[store(d) for d in dend],
        gradients=stored({name: p.grad for name, p in model.named_parameters()}), dx=store(x.grad),
        dstart=[store(s.grad) for s in start])


def step(cls, **options):
    model = cls(E, H, **options)
    x, start = draw(B, E), [draw(B, H) for _ in range(2 if cls is torch.nn.LSTMCell else 1)]
    end = model(x, tuple(start) if len(start) == 2 else start[0])
    return dict(kind=cls.__name__.removesuffix("Cell").lower(), options=options,
                weights=stored(dict(model.named_parameters())), x=store(x),
                start=[store(s) for s in start], end=[store(s) for s in (end if isinstance(end, tuple) else (end,))])


RNN, LSTM, GRU = torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU
both = dict(num_layers=2, bidirectional=True)
made = {
    "torch": torch.__version__.split("+")[0],
    "sequences": [
        sequence("tanh", RNN),
        sequence("relu, two layers", RNN, num_layers=2, nonlinearity="relu"),
        sequence("two layers, both directions, padded rows", RNN, padded=True, **both),
        sequence("two layers", LSTM, num_layers=2),
        sequence("both directions", LSTM, bidirectional=True),
        sequence("two layers, both directions, padded rows", LSTM, padded=True, **both),
        sequence("two layers", GRU, num_layers=2),
        sequence("two layers, both directions, padded rows", GRU, padded=True, **both),
    ],
    "cells": [step(torch.nn.RNNCell), step(torch.nn.RNNCell, nonlinearity="relu"), step(torch.nn.LSTMCell),
              step(torch.nn.GRUCell)],
}
with open("recurrent.json", "w") as f:
    json.dump(made, f, separators=(",", ":"))
    f.write("\n")
