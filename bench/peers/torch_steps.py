"""PyTorch's side of a comparison: training steps of a GPT-2, a BERT, an LSTM or a translating GRU from given weights on a given batch.

    python torch_steps.py FOLDER --warm N --steps N [--threads N] [--compile] [--bf16]

FOLDER/model.safetensors holds the first weights under Hugging Face's names, the batch, and in its metadata how many heads.
A step is zero_grad + forward + backward + AdamW (fused), and reading the loss; attention is PyTorch's own (SDPA).
Prints two JSON lines: one when the first step is done, one with the median of the steps. Needs torch alone.
"""
import argparse, json, resource, statistics, struct, sys, time
import torch, torch.nn as nn, torch.nn.functional as F

DTYPES = {"F32": torch.float32, "I64": torch.int64}


def read(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header, data = json.loads(f.read(length)), bytearray(f.read())
    metadata = header.pop("__metadata__")
    def tensor(dtype, shape, data_offsets):
        size = torch.empty((), dtype=DTYPES[dtype]).element_size()
        count = (data_offsets[1] - data_offsets[0]) // size
        return torch.frombuffer(data, dtype=DTYPES[dtype], count=count, offset=data_offsets[0]).view(shape).clone()
    return {name: tensor(**entry) for name, entry in header.items()}, metadata


class Block(nn.Module):
    def __init__(self, C, H):
        super().__init__()
        self.H = H
        self.ln_1, self.ln_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attn = nn.ModuleDict(dict(c_attn=nn.Linear(C, 3 * C), c_proj=nn.Linear(C, C)))
        self.mlp = nn.ModuleDict(dict(c_fc=nn.Linear(C, 4 * C), c_proj=nn.Linear(4 * C, C)))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (t.view(B, T, self.H, C // self.H).transpose(1, 2) for t in self.attn["c_attn"](self.ln_1(x)).split(C, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn["c_proj"](y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))


class Gpt(nn.Module):
    def __init__(self, V, T, C, H, L):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, C), nn.Embedding(T, C)
        self.h, self.ln_f = nn.ModuleList(Block(C, H) for _ in range(L)), nn.LayerNorm(C)

    def forward(self, ids, labels):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        for block in self.h:
            x = block(x)
        return F.cross_entropy((self.ln_f(x) @ self.wte.weight.T).flatten(0, 1), labels.flatten())


class Lstm(nn.Module):
    def __init__(self, V, E, H, L):
        super().__init__()
        self.embedding, self.output = nn.Embedding(V, E), nn.Linear(H, V)
        self.rnn = nn.LSTM(E, H, L, batch_first=True)

    def forward(self, ids, labels):
        return F.cross_entropy(self.output(self.rnn(self.embedding(ids))[0]).flatten(0, 1), labels.flatten())


class NmtGru(nn.Module):
    """Bahdanau et al. 2015: a GRU in both directions, additive attention, a GRU decoder with teacher forcing."""
    def __init__(self, S, V, E, H):
        super().__init__()
        self.es, self.et = nn.Embedding(S, E), nn.Embedding(V, E)
        self.enc = nn.GRU(E, H // 2, batch_first=True, bidirectional=True)
        self.cell, self.wq, self.wk, self.v = nn.GRUCell(E + H, H), nn.Linear(H, H), nn.Linear(H, H), nn.Linear(H, 1, bias=False)
        self.o = nn.Linear(2 * H + E, V)

    def forward(self, source, target, labels):
        keys_in, h = self.enc(self.es(source))
        h = torch.cat([h[0], h[1]], -1)
        keys, e, outs = self.wk(keys_in), self.et(target), []
        for t in range(target.shape[1]):
            a = torch.softmax(self.v(torch.tanh(self.wq(h)[:, None] + keys)).squeeze(-1), -1)
            c = torch.bmm(a[:, None], keys_in).squeeze(1)
            h = self.cell(torch.cat([e[:, t], c], -1), h)
            outs.append(torch.cat([h, c, e[:, t]], -1))
        return F.cross_entropy(self.o(torch.stack(outs, 1)).flatten(0, 1), labels.flatten())


class BertLayer(nn.Module):
    def __init__(self, C, inner, H):
        super().__init__()
        self.H, lin = H, lambda a, b: nn.Linear(a, b)
        out = lambda n: nn.ModuleDict(dict(dense=lin(n, C), LayerNorm=nn.LayerNorm(C, 1e-12)))
        self.attention = nn.ModuleDict(dict(self=nn.ModuleDict({n: lin(C, C) for n in ("query", "key", "value")}), output=out(C)))
        self.intermediate, self.output = nn.ModuleDict(dict(dense=lin(C, inner))), out(inner)

    def forward(self, x):
        B, T, C = x.shape
        me, out = self.attention["self"], self.attention["output"]
        q, k, v = (me[n](x).view(B, T, self.H, -1).transpose(1, 2) for n in ("query", "key", "value"))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, C)
        x = out["LayerNorm"](x + out["dense"](y))
        return self.output["LayerNorm"](x + self.output["dense"](F.gelu(self.intermediate["dense"](x))))


class BertClassifier(nn.Module):
    """Hugging Face's BertForSequenceClassification, under its names."""
    def __init__(self, V, P, S, C, inner, H, L, classes):
        super().__init__()
        embeddings = nn.ModuleDict(dict(word_embeddings=nn.Embedding(V, C, padding_idx=0), position_embeddings=nn.Embedding(P, C),
                                        token_type_embeddings=nn.Embedding(S, C), LayerNorm=nn.LayerNorm(C, 1e-12)))
        encoder = nn.ModuleDict(dict(layer=nn.ModuleList(BertLayer(C, inner, H) for _ in range(L))))
        self.bert = nn.ModuleDict(dict(embeddings=embeddings, encoder=encoder, pooler=nn.ModuleDict(dict(dense=nn.Linear(C, C)))))
        self.classifier = nn.Linear(C, classes)

    def forward(self, ids, labels):
        e = self.bert["embeddings"]
        kinds = torch.zeros_like(ids)
        x = e["LayerNorm"](e["word_embeddings"](ids) + e["token_type_embeddings"](kinds) + e["position_embeddings"](torch.arange(ids.shape[1])))
        for layer in self.bert["encoder"]["layer"]:
            x = layer(x)
        return F.cross_entropy(self.classifier(torch.tanh(self.bert["pooler"]["dense"](x[:, 0]))), labels)


NMT_NAMES = {"es": "encoder.embedding", "et": "embedding", "enc": "encoder.rnn", "cell": "decoder.cells.0", "o": "lm_head",
             "wq": "decoder.attention.query", "wk": "decoder.attention.key", "v": "decoder.attention.v"}


def load(folder):
    tensors, metadata = read(f"{folder}/model.safetensors")
    batch = tuple(tensors.pop(name) for name in ("batch.input_ids", "batch.decoder_input_ids", "batch.labels") if name in tensors)
    if "decoder.attention.v.weight" in tensors:
        source, target = tensors["encoder.embedding.weight"], tensors["embedding.weight"]
        model = NmtGru(len(source), *target.shape, len(tensors["decoder.attention.v.weight"][0]))
        name = lambda own: NMT_NAMES[own.split(".")[0]] + own[own.index("."):]
        model.load_state_dict({own: tensors[name(own)] for own in model.state_dict()})
        return model, batch
    if "rnn.weight_hh_l0" in tensors:
        layers = sum(name.startswith("rnn.weight_hh_l") for name in tensors)
        model = Lstm(*tensors["embedding.weight"].shape, tensors["output.weight"].shape[1], layers)
        model.load_state_dict(tensors)
        return model, batch
    if "bert.pooler.dense.weight" in tensors:
        tables = [tensors[f"bert.embeddings.{n}_embeddings.weight"] for n in ("word", "position", "token_type")]
        inner, C = tensors["bert.encoder.layer.0.intermediate.dense.weight"].shape
        layers = 1 + max(int(name.split(".")[3]) for name in tensors if name.startswith("bert.encoder.layer."))
        model = BertClassifier(*map(len, tables), C, inner, int(metadata["heads"]), layers, len(tensors["classifier.bias"]))
        model.load_state_dict(tensors)
        return model, batch
    weights = {name.removeprefix("transformer."): x for name, x in tensors.items()}
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("h."))
    model = Gpt(*weights["wte.weight"].shape[:1], *weights["wpe.weight"].shape, int(metadata["heads"]), layers)
    # Hugging Face's GPT-2 stores linear maps as [in, out]
    model.load_state_dict({name: x.T if ".c_" in name and name.endswith("weight") else x for name, x in weights.items()})
    return model, batch


def main():
    a = argparse.ArgumentParser()
    a.add_argument("folder")
    a.add_argument("--warm", type=int, required=True)
    a.add_argument("--steps", type=int, required=True)
    a.add_argument("--threads", type=int, default=0)
    a.add_argument("--compile", action="store_true")
    a.add_argument("--bf16", action="store_true")
    o = a.parse_args()
    if o.threads:
        torch.set_num_threads(o.threads)
    model, batch = load(o.folder)
    f = torch.compile(model) if o.compile else model
    decayed, others = ([p for p in model.parameters() if (p.dim() > 1) == many] for many in (True, False))
    groups = [dict(params=decayed, weight_decay=0.01), dict(params=others, weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.999), eps=1e-8, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=o.bf16):
            loss = f(*batch)
        loss.backward()
        optimizer.step()
        return loss.item()

    loss = step()
    print(json.dumps(dict(first=True)), flush=True)
    for _ in range(o.warm - 1):
        step()
    times = []
    for _ in range(o.steps):
        start = time.perf_counter()
        loss = step()
        times.append((time.perf_counter() - start) * 1e3)
    kilo = 1 if sys.platform == "darwin" else 1024
    side = f"torch {torch.__version__}" + " compiled" * o.compile + " bf16" * o.bf16
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo
    print(json.dumps(dict(side=side, ms=statistics.median(times), loss=loss, rss=rss)), flush=True)


if __name__ == "__main__":
    main()
