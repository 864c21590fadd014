"""PyTorch's side of a comparison: GPT-2 training steps from given weights on a given batch.

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


def load(folder):
    tensors, metadata = read(f"{folder}/model.safetensors")
    batch = tensors.pop("batch.input_ids"), tensors.pop("batch.labels")
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
