"""Golden folders of sequence regression, in PyTorch, whose RNN, LSTM and GRU it is.

    pip install torch==2.15.0 safetensors==0.8.0
    python test/golden/make_sequence_regressor.py [FOLDER...]

The format is that of make.py beside it.
"""
import sys

import torch
import torch.nn as nn

from make import redraw
from reference import NETWORKS, write



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
    c = dict(hidden_size=8, num_layers=1, difference=0, dropout=0.1) | changes
    c["input_size"] = len(c["loc"])
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # of the biases that redraw adds to
    model = Regressor(c)
    redraw(model, generator)
    loc, scale = torch.tensor(c["loc"]), torch.tensor(c["scale"])
    past = torch.randn((3, 9, c["input_size"]), generator=generator) * scale + loc
    inputs = dict(past_values=past, labels=torch.randn(3, generator=generator) * scale[0] + loc[0])
    config = c | dict(model_type="sequence-regressor", architectures=["SequenceRegressor"], dtype="float32")
    write(name, model, config, inputs, "sequence-regression", seed)


FOLDERS = {
    "sequence-regressor-lstm": dict(seed=1, cell="lstm", loc=[3.0], scale=[2.0]),
    "sequence-regressor-gru-differences": dict(seed=2, cell="gru", num_layers=2, difference=3, loc=[0.5, -1.0], scale=[1.5, 4.0]),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, **FOLDERS[name])
