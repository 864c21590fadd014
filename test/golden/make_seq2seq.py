"""Golden folders of recurrent encoder-decoders, in PyTorch, whose GRU and LSTM they are; attention as the papers write it.

    pip install torch==2.15.0 safetensors==0.8.0
    python test/golden/make_seq2seq.py [FOLDER...]

Transformers has no such model, so the reference is written here, one row at a time, without padding and without a mask:
what padding does to a batch shows as a difference. The format is that of make.py beside it.
"""
import math, sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from make import redraw
from reference import NETWORKS, write

SIZES = dict(source_vocab_size=23, target_vocab_size=19, embedding_size=6, hidden_size=8, num_layers=1, bidirectional=True,
             cell="gru", attention="additive", reverse_source=False, context_every_step=False, input_feeding=True,
             attention_window=2, readout_size=None, pad_token_id=0, decoder_start_token_id=1, dropout=0.1)
CELLS = dict(rnn=nn.RNNCell, lstm=nn.LSTMCell, gru=nn.GRUCell)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, H = c, c["hidden_size"] // (1 + c["bidirectional"])
        self.embedding = nn.Embedding(c["source_vocab_size"], c["embedding_size"])
        self.rnn = NETWORKS[c["cell"]](c["embedding_size"], H, c["num_layers"], bidirectional=c["bidirectional"])

    def forward(self, ids):
        """ids [S] → states [S, H], and for each layer its state: h, or h and c. [H] each"""
        if self.c["reverse_source"]:
            ids = ids.flip(0)
        states, last = self.rnn(self.embedding(ids))
        last = last if isinstance(last, tuple) else (last,)
        ways = 1 + self.c["bidirectional"]
        layers = [tuple(x[l * ways:(l + 1) * ways].flatten() for x in last) for l in range(self.c["num_layers"])]
        return states.flip(0) if self.c["reverse_source"] else states, layers


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, H, self.name = c, c["hidden_size"], c["attention"]
        if self.name == "additive":
            self.query, self.key, self.v = nn.Linear(H, H), nn.Linear(H, H), nn.Linear(H, 1, bias=False)
        if self.name in ("general", "local-p"):
            self.W = nn.Linear(H, H, bias=False)
        if self.name == "local-p":
            self.position, self.v = nn.Linear(H, H, bias=False), nn.Linear(H, 1, bias=False)
        if self.name == "concat":
            self.W, self.v = nn.Parameter(torch.empty(H, 2 * H)), nn.Linear(H, 1, bias=False)

    def score(self, s, h):
        if self.name == "additive":
            return self.v(torch.tanh(self.query(s) + self.key(h)))[0]
        if self.name == "concat":
            return self.v(torch.tanh(self.W @ torch.cat([s, h])))[0]
        if self.name in ("general", "local-p"):
            return s @ self.W(h)
        return s @ h / (math.sqrt(len(s)) if self.name == "scaled-dot" else 1)

    def forward(self, s, states):
        places = torch.arange(len(states), dtype=s.dtype)
        scores = torch.stack([self.score(s, h) for h in states])
        if self.name == "local-p":
            center, D = len(states) * torch.sigmoid(self.v(torch.tanh(self.position(s)))[0]), self.c["attention_window"]
            scores = scores.masked_fill((places - center).abs() > D, -torch.inf)
            return torch.softmax(scores, 0) * torch.exp(-((places - center) ** 2) / (2 * (D / 2) ** 2))
        return torch.softmax(scores, 0)


class Decoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, E, H = c, c["embedding_size"], c["hidden_size"]
        self.luong = c["attention"] not in ("none", "additive")
        more = self.luong and c["input_feeding"] or c["attention"] == "additive" or c["context_every_step"]
        self.cells = nn.ModuleList(CELLS[c["cell"]](H if l else E + H * more, H) for l in range(c["num_layers"]))
        if c["attention"] != "none":
            self.attention = Attention(c)
        if self.luong:
            self.combine = nn.Linear(2 * H, H, bias=False)

    def advance(self, x, layers):
        made = []
        for cell, state in zip(self.cells, layers):
            state = tuple(x[None] for x in state)
            out = cell(x[None], state if len(state) > 1 else state[0])
            made.append(tuple(x[0] for x in (out if isinstance(out, tuple) else (out,))))
            x = made[-1][0]
        return made

    def forward(self, ys, states, layers):
        """ys [T, E] → what each next token is predicted from, and how the source was read. [T, ...], [T, S]"""
        outputs, read, last, attentional = [], [], layers[-1][0], torch.zeros_like(layers[-1][0])
        for y in ys:
            if self.luong:
                layers = self.advance(torch.cat([y, attentional]) if self.c["input_feeding"] else y, layers)
                weights = self.attention(layers[-1][0], states)
                attentional = torch.tanh(self.combine(torch.cat([weights @ states, layers[-1][0]])))
                outputs.append(attentional)
            else:
                weights = self.attention(layers[-1][0], states) if self.c["attention"] == "additive" else None
                context = last if weights is None else weights @ states
                plain = weights is None and not self.c["context_every_step"]
                layers = self.advance(y if plain else torch.cat([y, context]), layers)
                outputs.append(layers[-1][0] if plain else torch.cat([layers[-1][0], context, y]))
            if weights is not None:
                read.append(weights)
        return torch.stack(outputs), torch.stack(read) if read else None


class Seq2seq(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, H, E, R = c, c["hidden_size"], c["embedding_size"], c["readout_size"]
        self.encoder, self.embedding, self.decoder = Encoder(c), nn.Embedding(c["target_vocab_size"], E), Decoder(c)
        width = H if self.decoder.luong or c["attention"] == "none" and not c["context_every_step"] else 2 * H + E
        if R is not None:
            self.readout = nn.Linear(width, R)
        self.lm_head = nn.Linear(R or width, c["target_vocab_size"])

    def forward(self, input_ids, attention_mask, labels, decoder_input_ids=None):
        if decoder_input_ids is None:
            start = torch.full_like(labels[:, :1], self.c["decoder_start_token_id"])
            decoder_input_ids = torch.cat([start, labels[:, :-1]], 1)
            decoder_input_ids = decoder_input_ids.where(decoder_input_ids >= 0, self.c["pad_token_id"])
        B, S = input_ids.shape
        logits, read = [], []
        for row in range(B):
            real = input_ids[row, : attention_mask[row].sum()]
            states, layers = self.encoder(real)
            output, weights = self.decoder(self.embedding(decoder_input_ids[row]), states, layers)
            if self.c["readout_size"] is not None:
                output = torch.tanh(self.readout(output))
            logits.append(self.lm_head(output))
            if weights is not None:
                read.append(F.pad(weights, (0, S - len(real))))
        logits = torch.stack(logits)
        found = {"logits": logits, "loss": F.cross_entropy(logits.flatten(0, 1), labels.flatten())}
        return found | ({"cross_attentions.0": torch.stack(read)[:, None]} if read else {})


def batch(c, generator, given):
    lengths, target_lengths, T = (7, 4, 1), (5, 3, 4), 5
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    ids = torch.randint(3, c["source_vocab_size"], mask.shape, generator=generator).where(mask == 1, 0)
    labels = torch.randint(3, c["target_vocab_size"], (3, T), generator=generator)
    labels = labels.where(torch.arange(T) < torch.tensor(target_lengths)[:, None], -100)
    found = dict(input_ids=ids, attention_mask=mask, labels=labels)
    if given:
        found["decoder_input_ids"] = torch.randint(0, c["target_vocab_size"], (3, T), generator=generator)
    return found


def make(name, seed, given=False, **changes):
    c = SIZES | changes
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)  # of the biases that redraw adds to
    model = Seq2seq(c)
    redraw(model, generator)
    inputs = batch(c, generator, given)
    config = c | dict(model_type="seq2seq", architectures=["Seq2seqForConditionalGeneration"], dtype="float32")
    write(name, model, config, inputs, "seq2seq-lm", seed)


FOLDERS = {
    "seq2seq-additive-gru": dict(seed=1, num_layers=2, readout_size=5),
    "seq2seq-general-lstm": dict(seed=2, cell="lstm", attention="general", num_layers=2, given=True),
    "seq2seq-dot-rnn": dict(seed=3, cell="rnn", attention="dot", bidirectional=False, input_feeding=False),
    "seq2seq-concat-gru": dict(seed=4, attention="concat", reverse_source=True),
    "seq2seq-scaled-dot-lstm": dict(seed=5, cell="lstm", attention="scaled-dot", bidirectional=False),
    "seq2seq-local-gru": dict(seed=6, attention="local-p"),
    "seq2seq-reversed-lstm": dict(seed=7, cell="lstm", attention="none", num_layers=2, bidirectional=False, reverse_source=True),
    "seq2seq-context-gru": dict(seed=8, attention="none", context_every_step=True, bidirectional=False, readout_size=7),
}

if __name__ == "__main__":
    for name in sys.argv[1:] or FOLDERS:
        make(name, **FOLDERS[name])
