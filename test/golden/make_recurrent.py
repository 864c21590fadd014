"""Golden folders of recurrent language models, in PyTorch, whose RNN, LSTM and GRU they are.

    pip install torch==2.15.0 safetensors==0.8.0
    python test/golden/make_recurrent.py [FOLDER...]

Transformers has no such model, so the reference is written here, one row at a time, without padding and without a mask:
what padding does to a batch shows as a difference. The format is that of make.py beside it.
"""
import copy, json, sys
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

from make import NEW_TOKENS, redraw, sort_header
from make_seq2seq import NETWORKS, far, numbers

torch.set_num_threads(1)
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
    path = Path(__file__).parent / name
    path.mkdir(exist_ok=True)
    c = dict(cell=cell) | SIZES | changes
    generator = torch.Generator().manual_seed(seed)
    model = LanguageModel(c)
    redraw(model, generator)
    inputs = batch(c, generator)
    prompt = torch.randint(0, c["vocab_size"], (2, 4), generator=generator)
    mask = torch.tensor([[1, 1, 1, 1], [0, 0, 1, 1]])
    prompt = prompt.where(mask == 1, 0)
    rows = [model.greedy(ids[m == 1]) for ids, m in zip(prompt, mask)]
    greedy = torch.stack([torch.cat([ids[m == 0], row]) for ids, m, row in zip(prompt, mask, rows)])
    single, double = numbers(copy.deepcopy(model), inputs), numbers(copy.deepcopy(model).double(), inputs)
    grads = [key for key in double if key.startswith("grads.")]
    largest = max(double[key].abs().max() for key in grads)
    error = dict(outputs=far(single, double, [k for k in double if k.startswith("outputs.")]),
                 grads=far(single, double, grads, largest), losses=far(single, double, ["losses"]))
    architecture = f"{cell.capitalize()}ForCausalLM"
    metadata = dict(
        format="trainformer-expected-1", architecture=architecture, task="causal-lm", seed=str(seed),
        torch=torch.__version__.split("+")[0], optimizer="AdamW lr=1e-3 betas=(0.9,0.999) eps=1e-8 weight_decay=0.01 on "
        "every parameter; dropout off; 10 steps on one batch", prompt="input_ids",
        float32_error=json.dumps({key: float(f"{x:.0e}") for key, x in error.items()}), no_grads="")
    stored = {f"inputs.{key}": x for key, x in inputs.items()} | single
    stored |= {"generate.prompt": prompt, "generate.attention_mask": mask, "generate.greedy": greedy}
    stored = {key: (x.float() if x.is_floating_point() else x.long()).contiguous() for key, x in sorted(stored.items())}
    save_file(stored, path / "expected.safetensors", metadata=metadata)
    save_file({k: v.detach().contiguous() for k, v in model.state_dict().items()}, path / "model.safetensors",
              metadata={"format": "pt"})
    config = c | dict(model_type=cell, architectures=[architecture], dtype="float32")
    (path / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    for file in ("expected", "model"):
        sort_header(path / f"{file}.safetensors")
    size = sum(file.stat().st_size for file in path.iterdir())
    losses = single["losses"]
    print(f"{name}: {size / 1000:.0f} kB, loss {losses[0]:.3f} to {losses[-1]:.3f}, float32 error "
          + ", ".join(f"{key} {x:.0e}" for key, x in error.items()))


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
