"""What the golden folders of models written here, in PyTorch, have in common: their numbers and their files, in make.py's format."""
import copy, json
from pathlib import Path

import torch
import torch.nn as nn
from safetensors.torch import save_file

from make import sort_header

torch.set_num_threads(1)
STEPS = 10
NETWORKS = dict(rnn=nn.RNN, lstm=nn.LSTM, gru=nn.GRU)


def numbers(model, inputs):
    out = model(**inputs)
    out["loss"].backward()
    found = {f"outputs.{name}": x for name, x in out.items()}
    found |= {f"grads.{name}": p.grad for name, p in model.named_parameters()}
    found = {name: x.detach().clone() for name, x in found.items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(**inputs)["loss"]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return found | {"losses": torch.tensor(losses)}


def far(single, double, keys, scale=None):
    return max(((single[k] - double[k]).abs().max() / (scale or double[k].abs().max())).item() for k in keys)


def write(name, model, config, inputs, task, seed, more=None, **metadata):
    """The folder beside this file; `more`: tensors to store beside inputs, outputs and gradients."""
    path = Path(__file__).parent / name
    path.mkdir(exist_ok=True)
    single, double = numbers(copy.deepcopy(model), inputs), numbers(copy.deepcopy(model).double(), inputs)
    grads = [key for key in double if key.startswith("grads.")]
    largest = max(double[key].abs().max() for key in grads)
    error = dict(outputs=far(single, double, [k for k in double if k.startswith("outputs.")]),
                 grads=far(single, double, grads, largest), losses=far(single, double, ["losses"]))
    stored = {f"inputs.{key}": x for key, x in inputs.items()} | single | (more or {})
    stored = {key: (x.float() if x.is_floating_point() else x.long()).contiguous() for key, x in sorted(stored.items())}
    save_file(stored, path / "expected.safetensors", metadata=metadata | dict(
        format="trainformer-expected-1", architecture=config["architectures"][0], task=task, seed=str(seed),
        torch=torch.__version__.split("+")[0], optimizer="AdamW lr=1e-3 betas=(0.9,0.999) eps=1e-8 weight_decay=0.01 on "
        "every parameter; dropout off; 10 steps on one batch",
        float32_error=json.dumps({key: float(f"{x:.0e}") for key, x in error.items()}), no_grads=""))
    save_file({k: v.detach().contiguous() for k, v in model.state_dict().items()}, path / "model.safetensors",
              metadata={"format": "pt"})
    (path / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    for file in ("expected", "model"):
        sort_header(path / f"{file}.safetensors")
    size = sum(file.stat().st_size for file in path.iterdir())
    losses = single["losses"]
    print(f"{name}: {size / 1000:.0f} kB, loss {losses[0]:.3f} to {losses[-1]:.3f}, float32 error "
          + ", ".join(f"{key} {x:.0e}" for key, x in error.items()))
