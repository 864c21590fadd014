"""Golden folders of recurrent language models, in PyTorch, whose RNN, LSTM and GRU they are.

    pip install torch==2.15.0 safetensors==0.8.0
    python test/golden/make_recurrent.py [FOLDER...]

Transformers has no such model, so the reference is written here, one row at a time, without padding and without a mask:
what padding does to a batch shows as a difference. The format is that of make.py beside it.
"""
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from make import NEW_TOKENS, redraw
from reference import NETWORKS, write

SIZES = dict(vocab_size=23, embedding_size=6, hidden_size=8, num_layers=2, dropout=0.1)


class LanguageModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        more = {"nonlinearity": c["nonlinearity"]} if "nonlinearity" in c else {}
        self.embedding = nn.Embedding(c["vocab_size"], c["embedding_size"])
        self.rnn = NETWORKS[c["cell"]](c["embedding_size"], c["hidden_size"], c["num_layers"], **more)
        self.output = nn.Linear(c["hidden_size"], c["vocab_size"])

    def row(self, ids):
        return self.output(self.rnn(self.embedding(ids))[0])

    def forward(self, input_ids, attention_mask, labels):
        logits = []
        for ids, mask in zip(input_ids, attention_mask):
            real = self.row(ids[mask == 1])
            logits.append(F.pad(real, (0, 0, 0, len(ids) - len(real))))
        logits = torch.stack(logits)
        return dict(logits=logits, loss=F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten()))

    @torch.no_grad()
    def greedy(self, ids):
        for _ in range(NEW_TOKENS):
            ids = torch.cat([ids, self.row(ids)[-1:].argmax(-1)])
        return ids


def batch(c, generator):
    lengths = (9, 6, 1)
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(0, c["vocab_size"], mask.shape, generator=generator).where(mask == 1, 0)
    labels = ids.where(mask == 1, -100)
    labels[0, 1] = -100
    return dict(input_ids=ids, attention_mask=mask, labels=labels)


def make(name, seed, cell, **changes):
    c = dict(cell=cell) | SIZES | changes
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # of the biases that redraw adds to
    model = LanguageModel(c)
    redraw(model, generator)
    inputs = batch(c, generator)
    prompt = torch.randint(0, c["vocab_size"], (2, 4), generator=generator)
    mask = torch.tensor([[1, 1, 1, 1], [0, 0, 1, 1]])
    prompt = prompt.where(mask == 1, 0)
    rows = [model.greedy(ids[m == 1]) for ids, m in zip(prompt, mask)]
    greedy = torch.stack([torch.cat([ids[m == 0], row]) for ids, m, row in zip(prompt, mask, rows)])
    config = c | dict(model_type=cell, architectures=[f"{cell.capitalize()}ForCausalLM"], dtype="float32")
    generated = {"generate.prompt": prompt, "generate.attention_mask": mask, "generate.greedy": greedy}
    write(name, model, config, inputs, "causal-lm", seed, generated, prompt="input_ids")


FOLDERS = {
    "rnn-tanh": dict(seed=1, cell="rnn", nonlinearity="tanh"),
    "rnn-relu": dict(seed=2, cell="rnn", nonlinearity="relu", num_layers=1),
    "lstm-default": dict(seed=3, cell="lstm"),
    "lstm-three-layers": dict(seed=4, cell="lstm", num_layers=3, hidden_size=5),
    "gru-default": dict(seed=5, cell="gru"),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, **FOLDERS[name])
