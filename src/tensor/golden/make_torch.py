"""Writes torch.json: what PyTorch computes for each op, with gradients of Σ c ⊙ y and, where asked, gradients of those.

Computed in float64, so that the numbers are right where float32 cancels, and written as the float32 that they are for us.
Run here with torch 2.15 (CPU): python3 make_torch.py. A tensor is [dtype, shape, numbers].
"""
import itertools
import json
import math

import torch
import torch.nn.functional as F

torch.manual_seed(0)
cases = []


def draw(*shape, scale=1.0, shift=0.0):
    """Random numbers of two decimals."""
    return (torch.randn(shape) * scale + shift).mul(100).round().div(100)


def ints(values):
    return torch.tensor(values, dtype=torch.int64)


def store(x):
    data = x.detach().reshape(-1).tolist()
    if x.is_floating_point():
        data = [float(f"{v:.7g}") if math.isfinite(v) else {"nan": "NaN", "inf": "Infinity"}[str(v)] for v in data]
        return ["float32", list(x.shape), data]
    return [str(x.dtype).removeprefix("torch."), list(x.shape), data]


def case(op, f, *inputs, second=False, **options):
    xs = [x.double().requires_grad_() if x.is_floating_point() else x for x in inputs]
    wrt = [x for x in xs if x.requires_grad]
    y = f(*xs)
    made = {"op": op, "options": options, "inputs": [store(x) for x in inputs], "y": store(y)}
    if y.requires_grad:
        c = draw(*y.shape).double()
        grads = torch.autograd.grad((c * y).sum(), wrt, create_graph=second, materialize_grads=True)
        made |= {"c": store(c), "grads": [store(g) for g in grads]}
        if second:
            ds = [draw(*g.shape).double() for g in grads]
            total = sum((d * g).sum() for d, g in zip(ds, grads))
            made |= {
                "ds": [store(d) for d in ds],
                "second": [store(g) for g in torch.autograd.grad(total, wrt, materialize_grads=True)],
            }
    cases.append(made)


# ---- element by element
a, b, positive = draw(2, 3), draw(3), draw(2, 3).abs() + 0.5
wide = torch.tensor([-100, -20, -5, -3, -1, -0.3, -0.01, 0, 0.01, 0.7, 1, 3, 5, 20, 100])
for op in ["add", "sub", "mul", "div", "maximum", "minimum"]:
    case(op, getattr(torch, op), a, b)
for op in ["neg", "square", "abs", "sign", "floor", "round", "exp", "sin", "cos"]:
    case(op, getattr(torch, op), a)
for op in ["log", "sqrt", "rsqrt"]:
    case(op, getattr(torch, op), positive)
for op in ["tanh", "sigmoid", "relu"]:
    case(op, getattr(torch, op), wide)
for op in ["erf", "softplus", "silu", "gelu"]:
    case(op, torch.erf if op == "erf" else getattr(F, op), wide, second=True)
case("geluTanh", lambda x: F.gelu(x, approximate="tanh"), wide, second=True)
case("round", torch.round, torch.tensor([-1.5, -0.5, 0.5, 1.5, 2.5]))
case("pow", lambda x: x.pow(2.5), positive)
case("clip", lambda x: x.clamp(-0.5, 0.5), a)
case("mod", torch.remainder, ints([-7, -1, 0, 5]), ints([3, 3, 3, 3]))
case("mod", torch.remainder, ints([-7, -1, 0, 5]), ints([-3, -3, -3, -3]))

# ---- comparisons and masks
i, j = ints([1, 2, 3]), ints([2, 2, 1])
for op, name in [("equal", "eq"), ("notEqual", "ne"), ("less", "lt"), ("lessOrEqual", "le"), ("greater", "gt"), ("greaterOrEqual", "ge")]:
    case(op, getattr(torch, name), i, j)
p, q = torch.tensor([True, True, False, False]), torch.tensor([True, False, True, False])
case("and", torch.logical_and, p, q)
case("or", torch.logical_or, p, q)
case("not", torch.logical_not, p)
case("isNan", torch.isnan, torch.tensor([1.0, math.nan, math.inf]))
case("where", torch.where, p, draw(4), draw(4))
case("cast", lambda x: x.to(torch.int64), torch.tensor([-1.7, -0.2, 0.9, 2.0]), to="int64")
case("cast", lambda x: x.to(torch.float64), p, to="float32")
case("stopGradient", lambda x, y: x.detach() * y, a, b)
case("causal", lambda x: torch.ones(3, 5).tril(2).bool() & (x == x), torch.zeros(1))
case("banded", lambda x: (torch.arange(5)[:, None] - torch.arange(5)).abs() < 2, torch.zeros(1))
case("oneHot", lambda ids: F.one_hot(ids, 4).float(), ints([[1, 0], [3, 1]]))

# ---- shapes and pieces
x = draw(2, 3, 4)
case("reshape", lambda x: x.reshape(4, 6), x)
case("permute", lambda x: x.permute(2, 0, 1), x)
case("transpose", lambda x: x.transpose(-1, -2), x)
case("rearrange", lambda x: x.reshape(2, 3, 2, 2).permute(0, 2, 1, 3), x)
case("unsqueeze", lambda x: x[:, None], x)
case("squeeze", lambda x: x.squeeze(1), draw(2, 1, 3))
case("split", lambda x: x.split([1, 3], 2)[1], x)
case("chunk", lambda x: x.chunk(2, -1)[0] * x.chunk(2, -1)[1], x)
case("concat", lambda x, y: torch.cat([x, y], 1), draw(2, 3), draw(2, 1))
case("stack", lambda x, y: torch.stack([x, y], -1), draw(2, 3), draw(2, 3))
case("unstack", lambda x: x.unbind(0)[1], x)
case("slice", lambda x: x[:, 1:3], x)
case("pad", lambda x: F.pad(x, (1, 2), value=0.5), draw(2, 3))
case("flip", lambda x: x.flip(1), x)
case("broadcastTo", lambda x: x.expand(2, 3), draw(3))
case("sumTo", lambda x: x.sum(0), draw(2, 3))

# ---- reading at ids
table, ids = draw(4, 2), ints([[3, 0, 3], [1, 1, 3]])
case("gather", lambda t, ids: t[ids], table, ids)
case("take", lambda x, ids: x[:, ids], x, ints([[2, 0], [2, 2]]))
case("scatterAdd", lambda ids, rows: torch.zeros(4, 2).double().index_put((ids,), rows, accumulate=True), ids, draw(2, 3, 2))
case("takeAlong", lambda x, ids: x.gather(1, ids), draw(2, 4), ids)
case("addAlong", lambda x, ids, y: x.scatter_add(1, ids, y), draw(2, 4), ids, draw(2, 3))
case("pick", lambda x, ids: x.gather(-1, ids[..., None])[..., 0], x, ints([[3, 0, 3], [1, 1, 2]]))

# ---- products
case("matmul", torch.matmul, draw(2, 3, 4), draw(4, 2))
case("matmul", torch.matmul, draw(2, 1, 3, 4), draw(5, 4, 2))
case("addmm", torch.addmm, draw(4), draw(3, 2), draw(2, 4))
for pattern, compact, shapes in [
    ("b t h d, b s h d -> b h t s", "bthd,bshd->bhts", [(2, 2, 2, 3), (2, 3, 2, 3)]),
    ("ij,jk->ik", "ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk,kl->li", "ij,jk,kl->li", [(2, 3), (3, 2), (2, 4)]),
    ("batch time, time batch feature, feature ->", "bt,tbf,f->", [(2, 3), (3, 2, 2), (2,)]),
    ("i, j, i j -> j i", "i,j,ij->ji", [(2,), (3,), (2, 3)]),
    ("ijk->kj", "ijk->kj", [(2, 3, 2)]),
    ("ij,kj->ki", "ij,kj->ki", [(2, 3), (4, 3)]),
]:
    case("einsum", lambda *xs: torch.einsum(compact, *xs), *[draw(*s) for s in shapes], pattern=pattern)

# ---- reductions, also where a naive formula overflows
case("sum", lambda x: x.sum((0, -1)), x)
case("mean", lambda x: x.mean((0, -1), keepdim=True), x)
case("max", lambda x: x.amax(1), x)
case("max", lambda x: x.amax(1), torch.tensor([[1.0, 2, 2], [3, 3, 3]]))
case("min", lambda x: x.amin(0), x)
case("variance", lambda x: x.var(1), x)
case("cumsum", lambda x: x.cumsum(1), x)
case("cumsum", lambda x: x.flip(1).cumsum(1).flip(1), x, reverse=True)
case("cumsum", lambda x: x.cumsum(1) - x, x, exclusive=True)
case("cumsum", lambda x: x.cumsum(1), ints([[1, 0, 2], [3, 1, 1]]))
huge = torch.tensor([[1e4, 1e4 - 1, 0, -1e4], [-1e4, -1e4 - 1, -1e4 - 2, -1e4], [5, 5, 5, 5]])
for values in [x[0], huge]:
    case("logSumExp", lambda x: x.logsumexp(-1), values)
    case("softmax", lambda x: x.softmax(-1), values)
    case("logSoftmax", lambda x: x.log_softmax(-1), values)
case("softmax", lambda x: x.softmax(1), x, axis=1)

# ---- normalisation
case("layerNormalize", lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-5), x, draw(4), draw(4), second=True)
case("layerNormalize", lambda x, w, b: F.layer_norm(x, (4,), w, b, 1e-5), draw(3, 4, shift=10), draw(4), draw(4))
case("rmsNormalize", lambda x, w: F.rms_norm(x, (4,), w, 1e-5), x, draw(4), second=True)
case("unitNormalize", lambda x: F.normalize(x, dim=-1), x)

# ---- order
case("topK", lambda x: x.topk(2, 1).values, x, k=2, axis=1, of="values")
case("topK", lambda x: x.topk(2, 1).indices, x, k=2, axis=1, of="ids")
case("topK", lambda x: x.topk(3, -1, largest=False).values, x, k=3, axis=-1, largest=False, of="values")
case("topK", lambda x: x.topk(2, -1).values, ints([[4, 1, 7], [0, 9, 3]]), k=2, axis=-1, of="values")
case("sort", lambda x: x.sort(1).values, x, axis=1, of="values")
case("sort", lambda x: x.sort(1, descending=True).indices, x, axis=1, descending=True, of="ids")
case("sort", lambda x: x.sort(stable=True).indices, ints([2, 1, 2, 1, 0]), axis=0, of="ids")
case("argmax", lambda x: x.argmax(1), x, axis=1)
case("argmin", lambda x: x.argmin(-1), x, axis=-1)

# ---- losses
logits, labels = draw(2, 3, 5), ints([[1, -100, 4], [0, 2, -100]])
for ignore, smoothing, reduction in itertools.product([-100, 2], [0.0, 0.1], ["mean", "sum", "none"]):
    kept = labels if ignore == -100 else labels.clamp(min=0)
    f = lambda x, l: F.cross_entropy(
        x.reshape(-1, 5), l.reshape(-1), ignore_index=ignore, label_smoothing=smoothing, reduction=reduction
    ).reshape((2, 3) if reduction == "none" else ())
    case("crossEntropy", f, logits, kept, ignore=ignore, labelSmoothing=smoothing, reduction=reduction)
case("crossEntropy", lambda x, l: F.cross_entropy(x, l), huge, ints([3, 1, 0]))
case("crossEntropy", lambda x, l: F.cross_entropy(x, l), draw(2, 3), ints([-100, -100]))  # NaN

# ---- convolutions: [stride, padding before, padding after, dilation, groups]
def padded(x, pads):
    """x with [before, after] zeros on each axis after batch and channels."""
    return F.pad(x, [n for pair in reversed(pads) for n in pair])


for s, before, after, d, g, length in [
    (1, 0, 0, 1, 1, 7),
    (2, 0, 0, 1, 1, 8),
    (3, 1, 1, 1, 1, 9),
    (1, 2, 0, 1, 2, 6),
    (1, 0, 0, 3, 1, 8),
    (2, 0, 3, 2, 2, 9),
    (4, 0, 0, 1, 1, 10),
    (2, 1, 1, 1, 4, 8),
]:
    x, w, bias = draw(2, 4, length), draw(4, 4 // g, 3), draw(4)
    f = lambda x, w, b: F.conv1d(padded(x, [(before, after)]), w, b, stride=s, dilation=d, groups=g)
    case("conv1d", f, x, w, bias, second=s == 2, stride=s, padding=[before, after], dilation=d, groups=g)
for s, pads, d, g in [
    (1, [(0, 0), (0, 0)], 1, 1),
    (2, [(1, 1), (1, 1)], 1, 1),
    ([2, 1], [(0, 1), (2, 0)], [1, 2], 2),
    (3, [(0, 0), (0, 0)], 1, 1),
]:
    x, w, bias = draw(1, 2, 6, 7), draw(4, 2 // g, 3, 2), draw(4)
    f = lambda x, w, b: F.conv2d(padded(x, pads), w, b, stride=s, dilation=d, groups=g)
    case("conv2d", f, x, w, bias, second=s == 3, stride=s, padding=pads, dilation=d, groups=g)
for s, p, extra, d, g in [(1, 0, 0, 1, 1), (2, 1, 1, 1, 1), (3, 0, 2, 1, 2), (2, 1, 0, 2, 2)]:
    x, w, bias = draw(2, 4, 4), draw(4, 3, 3), draw(3 * g)
    f = lambda x, w, b: F.conv_transpose1d(x, w, b, s, p, extra, g, d)
    case("convTranspose1d", f, x, w, bias, second=s == 3, stride=s, padding=p, outputPadding=extra, dilation=d, groups=g)
for s, p, extra, d, g in [(2, [1, 0], [1, 0], 1, 1), ([1, 3], 0, [0, 2], [2, 1], 2)]:
    x, w, bias = draw(1, 2, 3, 4), draw(2, 2, 3, 2), draw(2 * g)
    f = lambda x, w, b: F.conv_transpose2d(x, w, b, s, p, extra, g, d)
    case("convTranspose2d", f, x, w, bias, stride=s, padding=p, outputPadding=extra, dilation=d, groups=g)

# ---- pooling
ties = draw(2, 2, 9).round()
for window, s, p, d in [(2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 0, 2), (2, 3, 0, 1)]:
    case("maxPool1d", lambda x: F.max_pool1d(x, window, s, p, d), ties, window=window, stride=s, padding=p, dilation=d)
    if d == 1:
        case("averagePool1d", lambda x: F.avg_pool1d(x, window, s, p), ties, window=window, stride=s, padding=p)
for window, s, p in [(2, 2, 0), ([3, 2], [2, 1], [1, 0])]:
    x = draw(1, 2, 5, 6)
    case("maxPool2d", lambda x: F.max_pool2d(x, window, s, p), x, second=True, window=window, stride=s, padding=p)
    case("averagePool2d", lambda x: F.avg_pool2d(x, window, s, p), x, second=True, window=window, stride=s, padding=p)

lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
with open("torch.json", "w") as f:
    f.write(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]}}\n')
