"""Twenty steps of torch.optim's rules, clipping and schedulers -> optim.json.   python optim.py (torch 2.15, transformers 5.23)

Weights and gradients are multiples of 1/64, exact in float32 too; everything is computed in float64.
"""
import json
import math
from pathlib import Path

import torch
import transformers

STEPS, KEPT = 20, (1, 2, 20)
SHAPES = {"matrix.weight": [3, 4], "norm.weight": [5], "scale": []}


def numbers(shape, *, step, row):
    n = math.prod(shape)
    size = 1 if step % 3 == 0 else 1 / 8  # gradients of changing size
    return torch.tensor([((37 * i + 61 * step + 17 * row) % 101 - 50) / 64 * size for i in range(n)], dtype=torch.float64).reshape(shape)


def parameters():
    return {name: torch.nn.Parameter(numbers(shape, step=0, row=row + 3)) for row, (name, shape) in enumerate(SHAPES.items())}


def run(make, *, l1=0.0, max_norm=None, max_value=None, schedule=None):
    params = parameters()
    optimizer = make(params)
    scheduler = schedule(optimizer) if schedule else None
    after = {}
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        for row, (name, p) in enumerate(params.items()):
            p.grad = numbers(SHAPES[name], step=step, row=row)
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(params.values(), max_norm)
        if max_value is not None:
            torch.nn.utils.clip_grad_value_(params.values(), max_value)
        if l1:
            (l1 * sum(p.abs().sum() for p in params.values())).backward()  # adds to the gradients
        optimizer.step()
        if scheduler:
            scheduler.step()
        if step in KEPT:
            after[step] = {name: p.detach().flatten().tolist() for name, p in params.items()}
    return after


def norms():
    gradients = lambda step: [numbers(shape, step=step, row=row) for row, shape in enumerate(SHAPES.values())]
    return [torch.nn.utils.get_total_norm(gradients(step)).item() for step in range(1, STEPS + 1)]


optim = torch.optim
values = lambda params: params.values()
decay = lambda params: [p for p in params.values() if p.dim() >= 2]
no_decay = lambda params: [p for p in params.values() if p.dim() < 2]
cosine = lambda optimizer: transformers.get_cosine_schedule_with_warmup(optimizer, 4, STEPS)

RUNS = {
    "sgd": run(lambda p: optim.SGD(values(p), lr=0.1)),
    "sgd, decay": run(lambda p: optim.SGD(values(p), lr=0.1, weight_decay=0.1)),
    "momentum": run(lambda p: optim.SGD(values(p), lr=0.1, momentum=0.9)),
    "momentum, dampening, decay": run(lambda p: optim.SGD(values(p), lr=0.1, momentum=0.8, dampening=0.3, weight_decay=0.05)),
    "nesterov, decay": run(lambda p: optim.SGD(values(p), lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.05)),
    "adam": run(lambda p: optim.Adam(values(p), lr=0.01)),
    "adam, L2": run(lambda p: optim.Adam(values(p), lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.1)),
    "adamw": run(lambda p: optim.AdamW(values(p), lr=0.01)),
    "adamw, all options": run(lambda p: optim.AdamW(values(p), lr=0.02, betas=(0.85, 0.98), eps=1e-6, weight_decay=0.2)),
    "momentum, L1": run(lambda p: optim.SGD(values(p), lr=0.05, momentum=0.9), l1=0.03),
    "adamw, L1": run(lambda p: optim.AdamW(values(p), lr=0.01), l1=0.1),
    "adamw, groups": run(lambda p: optim.AdamW(
        [{"params": decay(p), "lr": 0.01, "weight_decay": 0.1}, {"params": no_decay(p), "lr": 0.005, "weight_decay": 0.0}], lr=0.01)),
    "adamw, no decay for norms": run(lambda p: optim.AdamW(
        [{"params": decay(p)}, {"params": no_decay(p), "weight_decay": 0.0}], lr=0.01, betas=(0.9, 0.95), weight_decay=0.1)),
    "momentum, norm at most 0.5": run(lambda p: optim.SGD(values(p), lr=0.1, momentum=0.9), max_norm=0.5),
    "momentum, values at most 0.1": run(lambda p: optim.SGD(values(p), lr=0.1, momentum=0.9), max_value=0.1),
    "adamw, norm at most 1, cosine": run(lambda p: optim.AdamW(values(p), lr=0.01, weight_decay=0.1), max_norm=1.0, schedule=cosine),
}


def factors(make, base=1.0, steps=STEPS):
    optimizer = optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    out = []
    for _ in range(steps):
        out.append(optimizer.param_groups[0]["lr"] / base)  # what the next update would use
        optimizer.step()
        scheduler.step()
    return out


lr = optim.lr_scheduler
SCHEDULES = {
    "constant, warm-up": factors(lambda o: transformers.get_constant_schedule_with_warmup(o, 5)),
    "constant": factors(transformers.get_constant_schedule),
    "linear": factors(lambda o: transformers.get_linear_schedule_with_warmup(o, 0, STEPS)),
    "linear, warm-up": factors(lambda o: transformers.get_linear_schedule_with_warmup(o, 6, STEPS - 2)),
    "linear, warm-up, floor": factors(lambda o: transformers.get_polynomial_decay_schedule_with_warmup(o, 6, STEPS - 2, lr_end=0.05, power=1.0), 0.5),
    "cosine": factors(lambda o: lr.CosineAnnealingLR(o, STEPS)),
    "cosine, floor": factors(lambda o: lr.CosineAnnealingLR(o, STEPS, eta_min=0.05), 0.5),
    "cosine, warm-up": factors(lambda o: transformers.get_cosine_schedule_with_warmup(o, 6, STEPS)),
    "cosine, warm-up, floor": factors(lambda o: transformers.get_cosine_with_min_lr_schedule_with_warmup(o, 6, STEPS, min_lr_rate=0.1)),
    "inverse_sqrt": factors(lambda o: transformers.get_inverse_sqrt_schedule(o, 0)),
    "inverse_sqrt, warm-up": factors(lambda o: transformers.get_inverse_sqrt_schedule(o, 6)),
    "step": factors(lambda o: lr.StepLR(o, 6, gamma=0.5)),
    "step, warm-up": factors(lambda o: lr.SequentialLR(o, [lr.LambdaLR(o, lambda n: n / 5), lr.StepLR(o, 5, gamma=0.3)], [5])),
}

Path(__file__).with_suffix(".json").write_text(
    json.dumps({"shapes": SHAPES, "norms": norms(), "runs": RUNS, "schedules": SCHEDULES}, separators=(",", ":")).replace('},"', '},\n"') + "\n"
)
