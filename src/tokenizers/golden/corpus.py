"""Asked by corpus.test.ts: what Hugging Face's `tokenizers` (Python package, 0.23) makes of many texts, as digests.

    python corpus.py DOCUMENTS VOCABULARIES       a JSON list of texts; the folder of published vocabularies

A line a tokenizer on standard output: {"name", "json", "digests": [...]}, a digest a text over ids, offsets (UTF-16),
tokens and the decoded text. Tokenizers: those of pipelines.py, published vocabularies and others trained on the texts.
"""
import hashlib
import json
import struct
import sys
from pathlib import Path

from tokenizers import Tokenizer

import pipelines

texts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
STYLES = ["gpt2", "roberta", "llama3", "llama2", "bert_cased", "bert_uncased", "t5", "albert", "xlnet"]


def digest(t, text):
    e = t.encode(text, add_special_tokens=True)
    at = range(len(text) + 1) if text.isascii() else pipelines.utf16(text)
    decoded = t.decode(e.ids, skip_special_tokens=False)
    offsets = [at[i] for pair in e.offsets for i in pair]
    parts = struct.pack(f"<{len(e.ids)}i", *e.ids) + struct.pack(f"<{len(offsets)}i", *offsets)
    return hashlib.sha1(parts + "\0".join(e.tokens).encode() + b"\0" + decoded.encode()).hexdigest()[:16]


def say(name, t):
    print(json.dumps({"name": name, "json": json.loads(t.to_str()), "digests": [digest(t, text) for text in texts]}), flush=True)


for name, model, build in pipelines.published(Path(sys.argv[2])):
    t = Tokenizer(model)
    build(t)
    say(name, t)
for name, t in pipelines.trained(texts[:40], scale=10):
    if name in STYLES:
        say(name, t)
