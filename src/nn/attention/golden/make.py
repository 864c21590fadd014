"""Attentions of recurrent decoders in PyTorch: weights, contexts and gradients, on sources of different lengths.

    pip install torch==2.15.0
    python src/nn/attention/golden/make.py

Writes recurrent.json beside it. The formulas are the papers' (Bahdanau et al. 2015, A.1.2; Luong et al. 2015, eq. 8 and
§3.2), written for one position at a time, so that a mistake in a batched form shows.
"""
import json, math
from pathlib import Path
import torch

torch.manual_seed(0)
torch.set_num_threads(1)
B, S, H, M, WINDOW = 3, 7, 4, 6, 2
LENGTHS = [7, 4, 2]


def linear(name, W, x):
    y = W[f"{name}.weight"] @ x
    return y + W[f"{name}.bias"] if f"{name}.bias" in W else y


SCORES = dict(
    additive=lambda W, s, h: linear("v", W, torch.tanh(linear("query", W, s) + linear("key", W, h)))[0],
    dot=lambda W, s, h: s @ h,
    scaledDot=lambda W, s, h: s @ h / math.sqrt(H),
    general=lambda W, s, h: s @ linear("W", W, h),
    concat=lambda W, s, h: linear("v", W, torch.tanh(W["W"] @ torch.cat([s, h])))[0],
    local=lambda W, s, h: s @ linear("W", W, h),
)
SHAPES = dict(
    additive={"query.weight": (H, H), "query.bias": (H,), "key.weight": (H, M), "key.bias": (H,), "v.weight": (1, H)},
    dot={}, scaledDot={}, general={"W.weight": (H, M)},
    concat={"W": (H, H + M), "v.weight": (1, H)},
    local={"W.weight": (H, M), "position.weight": (H, H), "v.weight": (1, H)},
)


def read(name, W, s, source):
    """One state and the real positions of one source → weights, context."""
    places = torch.arange(len(source), dtype=s.dtype)
    center = len(source) * torch.sigmoid(linear("v", W, torch.tanh(linear("position", W, s)))[0]) if name == "local" else None
    seen = [i for i in range(len(source)) if center is None or abs(i - center.item()) <= WINDOW]
    scores = torch.stack([SCORES[name](W, s, source[i]) for i in seen])
    some = torch.softmax(scores, 0)
    if center is not None:
        some = some * torch.exp(-((places[seen] - center) ** 2) / (2 * (WINDOW / 2) ** 2))
    weights = torch.zeros(len(source), dtype=s.dtype).index_put((torch.tensor(seen),), some)
    return weights, weights @ source


def case(name):
    m = H if name in ("dot", "scaledDot") else M
    leaf = lambda *shape: torch.randn(*shape, dtype=torch.float64).float().double().requires_grad_()
    W = {key: leaf(*shape) for key, shape in SHAPES[name].items()}
    state, source, c = leaf(B, H), leaf(B, S, m), leaf(B, m)
    weights, contexts = torch.zeros(B, S, dtype=torch.float64), []
    for b, n in enumerate(LENGTHS):
        some, context = read(name, W, state[b], source[b, :n])
        weights[b, :n] = some.detach()
        contexts.append(context)
    context = torch.stack(contexts)
    (context * c.detach()).sum().backward()
    stored = lambda x: [list(x.shape), [float(f"{v:.9g}") for v in x.detach().flatten().tolist()]]
    return dict(
        name=name, window=WINDOW, lengths=LENGTHS, params={key: stored(x) for key, x in W.items()},
        state=stored(state), source=stored(source), c=stored(c), weights=stored(weights), context=stored(context),
        grads={key: stored(x.grad) for key, x in {**W, "state": state, "source": source}.items()})


text = json.dumps(dict(torch=torch.__version__.split("+")[0], cases=[case(name) for name in SCORES]))
Path(__file__).with_name("recurrent.json").write_text(text + "\n")
