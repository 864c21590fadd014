"""Golden folders of sequence regression, in PyTorch, whose RNN, LSTM and GRU it is.

    pip install torch==2.15.0 safetensors==0.8.0
    python test/golden/make_sequence_regressor.py [FOLDER...]

The format is that of make.py beside it.
"""
import copy, json, sys
from pathlib import Path

import torch
import torch.nn as nn
from safetensors.torch import save_file

from make import redraw, sort_header
from make_seq2seq import NETWORKS, far, numbers

torch.set_num_threads(1)


class Regressor(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.rnn = NETWORKS[c["cell"]](c["input_size"], c["hidden_size"], c["num_layers"], batch_first=True)
        self.output = nn.Linear(c["hidden_size"], 1)

    def forward(self, past_values, labels):
        past_values, labels = (x.to(self.output.weight.dtype) for x in (past_values, labels))
        d = self.c["difference"]
        loc, scale = (torch.tensor(self.c[name], dtype=past_values.dtype) for name in ("loc", "scale"))
        x = past_values[:, d:] - past_values[:, :-d] if d else past_values
        y = self.rnn((x - loc) / scale)[0]
        prediction = self.output(y[:, -1])[:, 0] * scale[0] + loc[0]
        if d:
            prediction = prediction + past_values[:, -d, 0]
        return dict(prediction=prediction, loss=(((prediction - labels) / scale[0]) ** 2).mean())


def make(name, seed, **changes):
    path = Path(__file__).parent / name
    path.mkdir(exist_ok=True)
    c = dict(hidden_size=8, num_layers=1, difference=0, dropout=0.1) | changes
    c["input_size"] = len(c["loc"])
    generator = torch.Generator().manual_seed(seed)
    model = Regressor(c)
    redraw(model, generator)
    loc, scale = torch.tensor(c["loc"]), torch.tensor(c["scale"])
    past = torch.randn((3, 9, c["input_size"]), generator=generator) * scale + loc
    inputs = dict(past_values=past, labels=torch.randn(3, generator=generator) * scale[0] + loc[0])
    single, double = numbers(copy.deepcopy(model), inputs), numbers(copy.deepcopy(model).double(), inputs)
    grads = [key for key in double if key.startswith("grads.")]
    largest = max(double[key].abs().max() for key in grads)
    error = dict(outputs=far(single, double, [k for k in double if k.startswith("outputs.")]),
                 grads=far(single, double, grads, largest), losses=far(single, double, ["losses"]))
    metadata = dict(
        format="trainformer-expected-1", architecture="SequenceRegressor", task="sequence-regression", seed=str(seed),
        torch=torch.__version__.split("+")[0], optimizer="AdamW lr=1e-3 betas=(0.9,0.999) eps=1e-8 weight_decay=0.01 on "
        "every parameter; dropout off; 10 steps on one batch",
        float32_error=json.dumps({key: float(f"{x:.0e}") for key, x in error.items()}), no_grads="")
    stored = {f"inputs.{key}": x for key, x in inputs.items()} | single
    stored = {key: x.float().contiguous() for key, x in sorted(stored.items())}
    save_file(stored, path / "expected.safetensors", metadata=metadata)
    save_file({k: v.detach().contiguous() for k, v in model.state_dict().items()}, path / "model.safetensors",
              metadata={"format": "pt"})
    config = c | dict(model_type="sequence-regressor", architectures=["SequenceRegressor"], dtype="float32")
    (path / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    for file in ("expected", "model"):
        sort_header(path / f"{file}.safetensors")
    size = sum(file.stat().st_size for file in path.iterdir())
    losses = single["losses"]
    print(f"{name}: {size / 1000:.0f} kB, loss {losses[0]:.3f} to {losses[-1]:.3f}, float32 error "
          + ", ".join(f"{key} {x:.0e}" for key, x in error.items()))


FOLDERS = {
    "sequence-regressor-lstm": dict(seed=1, cell="lstm", loc=[3.0], scale=[2.0]),
    "sequence-regressor-gru-differences": dict(seed=2, cell="gru", num_layers=2, difference=3, loc=[0.5, -1.0], scale=[1.5, 4.0]),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, **FOLDERS[name])
