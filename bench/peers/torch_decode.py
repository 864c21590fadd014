"""PyTorch's side of decoding: a GPT-2 continues one prompt greedily, with a cache of keys and values.

    python torch_decode.py FOLDER --new N [--threads N]

FOLDER/model.safetensors holds the weights under Hugging Face's names, the prompt as batch.input_ids [1, prompt], and in its
metadata how many heads. Attention is PyTorch's own (SDPA). Prints two JSON lines: one when the first token is there, one
with the milliseconds until then, the tokens a second after it, and the tokens. Needs torch alone.
"""
import argparse, json, resource, sys, time
import torch, torch.nn.functional as F
from torch_steps import read

a = argparse.ArgumentParser()
a.add_argument("folder")
a.add_argument("--new", type=int, required=True)
a.add_argument("--threads", type=int, default=0)
o = a.parse_args()
if o.threads:
    torch.set_num_threads(o.threads)
w, metadata = read(f"{o.folder}/model.safetensors")
ids, H = w.pop("batch.input_ids"), int(metadata["heads"])
w = {name.removeprefix("transformer."): x for name, x in w.items()}
C, L = w["wte.weight"].shape[1], 1 + max(int(name.split(".")[1]) for name in w if name.startswith("h."))
# as torch.nn.Linear has them: [out, in]
w = {name: x.T.contiguous() if ".c_" in name and name.endswith("weight") else x for name, x in w.items()}


def norm(x, name):
    return F.layer_norm(x, (C,), w[f"{name}.weight"], w[f"{name}.bias"])


def linear(x, name):
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def step(ids, past):
    before, T = (past[0][0].shape[2] if past else 0), ids.shape[1]
    x = w["wte.weight"][ids] + w["wpe.weight"][before : before + T]
    present = []
    for i in range(L):
        q, k, v = (t.view(1, T, H, C // H).transpose(1, 2) for t in linear(norm(x, f"h.{i}.ln_1"), f"h.{i}.attn.c_attn").split(C, 2))
        if past:
            k, v = torch.cat([past[i][0], k], 2), torch.cat([past[i][1], v], 2)
        present.append((k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=T > 1)
        x = x + linear(y.transpose(1, 2).reshape(1, T, C), f"h.{i}.attn.c_proj")
        x = x + linear(F.gelu(linear(norm(x, f"h.{i}.ln_2"), f"h.{i}.mlp.c_fc"), approximate="tanh"), f"h.{i}.mlp.c_proj")
    logits = norm(x[:, -1:], "ln_f") @ w["wte.weight"].T
    return logits[:, -1].argmax(-1, keepdim=True), present


@torch.no_grad()
def run():
    start = time.perf_counter()
    token, past = step(ids, None)
    tokens, prefill = [token.item()], time.perf_counter() - start
    print(json.dumps(dict(first=True)), flush=True)
    start = time.perf_counter()
    while len(tokens) < o.new:
        token, past = step(token, past)
        tokens.append(token.item())
    rate = (o.new - 1) / (time.perf_counter() - start)
    kilo = 1 if sys.platform == "darwin" else 1024
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * kilo
    side = f"torch {torch.__version__}"
    print(json.dumps(dict(side=side, prefill=prefill * 1e3, rate=rate, tokens=tokens, rss=rss)), flush=True)


run()
