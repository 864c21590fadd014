"""Sentences that break tokenizers and metrics, made here from a seed: words, numbers, marks, scripts, spaces of every
kind, nothing at all. A hypothesis is a reference with words dropped, doubled, moved and changed."""

import random

WORDS = "the The a dog's bites man yesterday naïve Straße ΣΊΣΥΦΟΣ 日本語 我 们 שלום مرحبا हिन्दी 한국 ひらがな カタカナ".split()
NUMBERS = "1 2,000 3.14 1990-2000 -5 10% $20 ٣ ½ Ⅻ 7. .5 1,a a,1".split()
MARKS = list(".,;:!?-\"'()[]{}<>&/\\|~^_`@#$%*+=") + "… — « » “ ” „ ¿ 。 、 ， ！ （ ） 「 」 € © ™ ♥ 👍🏽 e\u0301 ﬁ".split()
MARKS += ["&quot;", "&amp;", "&lt;b&gt;", "<skipped>", "'s", "n't", "--", "...", "\u2019"]
SPACES = [" "] * 40 + ["  ", "\t", "\n", "-\n", "\n-", "\u00a0", "\u2009", "\u3000", "\x1f", "\x85", "\ufeff", "", "", "", ""]


def sentence(rng, longest=14):
    parts = []
    for _ in range(rng.randrange(longest)):
        parts.append(rng.choice(rng.choices([WORDS, NUMBERS, MARKS], [6, 1, 2])[0]))
        parts.append(rng.choice(SPACES))
    return "".join(parts)


def changed(rng, text):
    words = text.split(" ")
    for _ in range(rng.randrange(5)):
        at = rng.randrange(len(words))
        kind = rng.randrange(5)
        if kind == 0:
            words.insert(rng.randrange(len(words)), words.pop(at))
        elif kind == 1:
            end = min(len(words), at + rng.randrange(1, 5))
            words, moved = words[:at] + words[end:], words[at:end]
            to = rng.randrange(len(words) + 1)
            words[to:to] = moved
        elif kind == 2:
            words[at] = rng.choice(WORDS + MARKS)
        elif kind == 3:
            words.insert(at, words[at])
        elif len(words) > 1:
            words.pop(at)
    return " ".join(words) if rng.random() < 0.97 else ""


def corpus(rng, size, longest=14):
    """Hypotheses, and one to three references for each: in one corpus of three, their number differs."""
    hypotheses, references = [], []
    many, vary = rng.randrange(1, 4), rng.random() < 0.33
    for _ in range(size):
        first = sentence(rng, longest)
        count = rng.randrange(1, 4) if vary else many
        references.append([first] + [changed(rng, first) for _ in range(count - 1)])
        hypotheses.append(changed(rng, first) if rng.random() < 0.9 else sentence(rng, longest))
    return {"hypotheses": hypotheses, "references": references}


def bleu_options(rng):
    options = {"tokenize": rng.choice(["13a", "none", "char", "intl", "zh"]), "lowercase": rng.random() < 0.5}
    options["smoothMethod"] = rng.choice(["none", "floor", "add-k", "exp"])
    if options["smoothMethod"] in ("floor", "add-k") and rng.random() < 0.5:
        options["smoothValue"] = rng.choice([0.01, 0.5, 2])
    return {**options, "maxNgramOrder": rng.choice([4, 4, 4, 1, 2, 6]), "effectiveOrder": rng.random() < 0.5}


def flags(rng, *names):
    return {name: rng.random() < 0.5 for name in names}


def chrf_options(rng):
    orders = {"charOrder": rng.choice([6, 6, 6, 1, 3, 0]), "beta": rng.choice([2, 2, 1, 3])}
    orders["wordOrder"] = rng.choice([1, 2] if orders["charOrder"] == 0 else [0, 0, 2, 2, 1])
    return {**orders, **flags(rng, "lowercase", "whitespace", "epsSmoothing")}


def ter_options(rng):
    return flags(rng, "normalized", "noPunct", "asianSupport", "caseSensitive")


def wer_options(rng):
    return {}


cer_options = wer_options


def cases(metric, options, seed, count, size, longest=14):
    """`count` corpora of up to `size` sentences, each scored with options of its own."""
    rng = random.Random(seed)
    return [
        {"metric": metric, "options": options(rng), **corpus(rng, rng.randrange(1, size + 1), longest)}
        for _ in range(count)
    ]
