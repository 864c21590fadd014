"""Writes hugging-face.json beside this file: the tokenizers of this room built with Hugging Face's own library, with its
trainer where it has one, and what it makes of odd strings. Python package tokenizers 0.23.

    python hugging-face.py
"""
import json
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TEXT = """First Citizen:
Before we proceed any further, hear me speak. Speak, speak!

ΟΔΟΣ οδος İstanbul ISTANBUL naïve nai\u0308ve 3,000 co-operate don't (a) "b" 👍🏽 👨‍👩‍👧 日本語、テキスト。 שלום مرحبا हिन्दी\r\n\ttab  two   three
the the the a a b\ue000 \ufb01 𝒳 \U0001f600\U0001f600 end \u00a0\u2028\u200b\ufeff\x00"""

CASES = [
    "", " ", "  ", "\n", "\r\n", "\r\n\r\n  \t", "First Citizen:\nBefore we proceed", " leading and trailing ",
    "a  b   c", "a\nb", "a, b ,c , d", "don't!", "co-operate", "3,000", "(a) \"b\"", "a <unk>b", "<eos>a <eos> b<eos>",
    "<eo", "<eos><unk><eos>", "<<eos>>", "ΟΔΟΣ ΟΔΟΣ", "İstanbul", "Σ", "aΣ bΣc", "nai\u0308ve", "\u0308", "a \u0308b",
    "👍🏽", "👨‍👩‍👧 👨‍👩‍👧", "a 👍 b", "a👍b", "日本語、テキスト。", "שלום مرحبا", "हिन्दी", "\ufeffa", "\x00", "\u00a0a\u00a0", "a\u2028b",
    "\u200b", "𝒳 𝒳", "\U0001f600 a", "\ufb01 \ue000", "a b\ufdd0c", "unknown words, here", "the <unk> unknown, the", "ǅ ǆ ẞ",
]

W = r"[\p{L}\p{M}\p{N}]"
SILENT = rf"(?<={W}) (?={W})"


def added(token):
    return AddedToken(token, normalized=False, special=True)


def character(special):
    tokens = special + sorted(set(TEXT))
    t = Tokenizer(models.WordLevel({c: i for i, c in enumerate(tokens)}, unk_token="<unk>"))
    t.add_special_tokens([added(s) for s in special])
    t.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    t.decoder = decoders.Fuse()
    return t


def byte(special):
    printable = [b for b in range(256) if 0x20 < b < 0x7F or b > 0xA0 and b != 0xAD]
    others = [b for b in range(256) if b not in printable]
    alphabet = [chr(b) if b in printable else chr(256 + others.index(b)) for b in range(256)]
    t = Tokenizer(models.BPE({c: i for i, c in enumerate(alphabet)}, []))
    t.add_special_tokens([added(s) for s in special])
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    t.decoder = decoders.ByteLevel()
    return t


def word(special, lowercase, min_frequency, vocab_size):
    t = Tokenizer(models.WordLevel({}, unk_token="<unk>"))
    if lowercase:
        t.normalizer = normalizers.Lowercase()
    pattern = rf"{W}+|(?!{SILENT})[^\p{{L}}\p{{M}}\p{{N}}]"
    t.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    start, end = rf"(?<![\s\S])(?={W}|<unk>)", rf"(?<={W}|<unk>)(?![\s\S])"
    mark = "\ufdd0"
    t.decoder = decoders.Sequence([
        decoders.Replace(Regex(f"{start}|{end}"), mark), decoders.Fuse(),
        decoders.Replace(mark + mark, " "), decoders.Replace(mark, ""),
    ])
    trainer = trainers.WordLevelTrainer(vocab_size=vocab_size, min_frequency=min_frequency, show_progress=False,
                                        special_tokens=[added(s) for s in special])
    t.train_from_iterator([TEXT], trainer)
    return t


def utf16(text):
    """Code point index -> UTF-16 index."""
    at = [0]
    for c in text:
        at.append(at[-1] + (2 if ord(c) > 0xFFFF else 1))
    return at


def encoded(t, text):
    try:
        e = t.encode(text)
    except Exception:  # a character outside a vocabulary without <unk>
        return {"text": text, "refused": True}
    at = utf16(text)
    return {
        "text": text, "ids": e.ids, "tokens": e.tokens, "offsets": [[at[a], at[b]] for a, b in e.offsets],
        "decoded": t.decode(e.ids, skip_special_tokens=False), "plain": t.decode(e.ids, skip_special_tokens=True),
    }


def decoded(t, rng):
    ids = [rng.randrange(t.get_vocab_size()) for _ in range(rng.randrange(30))]
    return {"ids": ids, "decoded": t.decode(ids, skip_special_tokens=False), "plain": t.decode(ids, skip_special_tokens=True)}


built = {
    "character": character([]),
    "character with special tokens": character(["<unk>", "<eos>"]),
    "byte": byte([]),
    "byte with special tokens": byte(["<bos>", "<eos>"]),
    "word": word(["<unk>"], False, 1, 10_000),
    "word, lower case, frequent": word(["<unk>", "<eos>"], True, 2, 16),
}
rng = random.Random(0)
golden = {
    "text": TEXT,
    "tokenizers": [
        {"name": name, "json": json.loads(t.to_str()), "encoded": [encoded(t, c) for c in CASES + [TEXT]],
         "decoded": [decoded(t, rng) for _ in range(20)]}
        for name, t in built.items()
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")))
