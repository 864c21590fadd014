"""PyTorch's numbers for our layers: nn.json beside this file.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2      # CPU
    python src/nn/golden/make.py

A case is called "layer, which"; it has the layer's weights under our names, what it is called with, its result y, and the gradients of sum(c * y) for
every weight and every float it is called with.
"""

import json
from pathlib import Path

import peft
import torch
import torch.nn.functional as F
from transformers.activations import ACT2FN
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.pytorch_utils import Conv1D

generator = torch.Generator().manual_seed(1)


def draw(*shape):
    return torch.randn(shape, generator=generator)


def stored(x):
    numbers = x.detach().flatten().tolist()
    return [list(x.shape), [float(f"{v:.9g}") for v in numbers] if x.is_floating_point() else numbers]


cases = []


def case(name, weights, inputs, y, **more):
    c = draw(*y.shape)
    (c * y).sum().backward()
    floats = {k: v for k, v in (weights | inputs).items() if v.requires_grad}
    cases.append(dict(
        name=name, weights={k: stored(v) for k, v in weights.items()}, inputs={k: stored(v) for k, v in inputs.items()},
        y=stored(y), c=stored(c), grads={k: stored(v.grad) for k, v in floats.items()}, **more))


def leaf(*shape, size=1.0):
    return (size * draw(*shape)).requires_grad_()


def parameters(module):
    """Its parameters, drawn anew."""
    for p in module.parameters():
        p.data = draw(*p.shape)
    return dict(module.named_parameters())


def simple(name, module, x):
    case(name, parameters(module), dict(x=x), module(x))


simple("linear", torch.nn.Linear(5, 4), leaf(2, 3, 5))
simple("linear, no bias", torch.nn.Linear(5, 4, bias=False), leaf(3, 5))
simple("conv1d", Conv1D(4, 5), leaf(2, 3, 5))
simple("layerNorm", torch.nn.LayerNorm(6, eps=0.1), leaf(2, 3, 6))
simple("rmsNorm", torch.nn.RMSNorm(6, eps=0.1), leaf(2, 3, 6))
table = torch.nn.Embedding(7, 3)
ids = torch.tensor([[6, 0, 2], [2, 2, 5]])
case("embedding", parameters(table), dict(ids=ids), table(ids))

up, down = torch.nn.Linear(4, 6), torch.nn.Linear(6, 4)
x = leaf(2, 3, 4)
weights = {f"up.{k}": v for k, v in parameters(up).items()} | {f"down.{k}": v for k, v in parameters(down).items()}
case("feedForward", weights, dict(x=x), down(F.gelu(up(x))))

places = leaf(6, 4)
x = leaf(2, 3, 4)
case("learnedPositions", dict(weight=places), dict(x=x), x + places[:3])


def attention(name, heads, kv_heads, source=None, mask=None):
    """Projections, and PyTorch's own attention between them."""
    dim, B, T = 12, 2, 4
    kv = dim // heads * kv_heads
    weights = {}
    for part, size in dict(q_proj=dim, k_proj=kv, v_proj=kv, out_proj=dim).items():
        weights |= {f"{part}.weight": leaf(size, dim, size=0.3), f"{part}.bias": leaf(size)}
    inputs = dict(x=leaf(B, T, dim)) | (dict(source=leaf(B, source, dim)) if source else {})
    read = inputs.get("source", inputs["x"])

    def project(x, part, heads):
        y = F.linear(x, weights[f"{part}.weight"], weights[f"{part}.bias"])
        return y.unflatten(-1, (heads, -1)).transpose(1, 2)

    q, k, v = project(inputs["x"], "q_proj", heads), project(read, "k_proj", kv_heads), project(read, "v_proj", kv_heads)
    allowed = torch.ones(B, 1, T, read.shape[1], dtype=torch.bool)
    if mask == "causal":
        allowed = allowed.tril()
    if mask == "padding":
        inputs["attention_mask"] = torch.tensor([[1] * read.shape[1], [1, 1] + [0] * (read.shape[1] - 2)])
        allowed = allowed & (inputs["attention_mask"][:, None, None] == 1)
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, enable_gqa=kv_heads != heads)
    y = F.linear(y.transpose(1, 2).flatten(2), weights["out_proj.weight"], weights["out_proj.bias"])
    case(name, weights, inputs, y, heads=heads, kvHeads=kv_heads)


attention("multiHeadAttention", 3, 3)
attention("multiHeadAttention, causal", 3, 3, mask="causal")
attention("multiHeadAttention, padding", 3, 3, mask="padding")
attention("multiHeadAttention, cross", 2, 2, source=5, mask="padding")
attention("multiHeadAttention, grouped heads", 6, 2, mask="causal")
attention("multiHeadAttention, one key head", 4, 1)

for name, base, fan in (("lora", torch.nn.Linear(5, 4), False), ("lora, of conv1d", Conv1D(4, 5), True)):
    base.requires_grad_(False)
    parameters(base)
    model = torch.nn.ModuleDict({"part": base})
    config = peft.LoraConfig(r=2, lora_alpha=3, target_modules=["part"], fan_in_fan_out=fan)
    part = peft.get_peft_model(model, config).base_model.model["part"]
    A, B = part.lora_A["default"].weight, part.lora_B["default"].weight
    for p in (A, B):
        p.data = draw(*p.shape)
    x = leaf(2, 3, 5)
    case(name, {"weight": base.weight, "bias": base.bias, "lora_A.weight": A, "lora_B.weight": B}, dict(x=x), part(x))

points = torch.tensor([-12, -7.5, -3.2, -2.9, -1.5, -0.7, -0.1, 0.2, 0.9, 1.7, 2.8, 3.1, 5.9, 6.3, 11])
for name in sorted(set(ACT2FN) - {"prelu", "xielu"}):
    x = points.clone().requires_grad_()
    case(f"activation, {name}", {}, dict(x=x), ACT2FN[name](x), activation=name)

# 700 places, so that large angles count
marian = MarianSinusoidalPositionalEmbedding(700, 8)
marian.weight.data = marian.create_weight()
rows = [0, 1, 2, 57, 699]
result = dict(torch=torch.__version__.split("+")[0], cases=cases,
              marian=dict(count=700, dim=8, rows=rows, values=stored(marian.weight[rows])))
(Path(__file__).parent / "nn.json").write_text(json.dumps(result, indent=None, separators=(",", ":")) + "\n")
print(len(cases), "cases")
