"""Hugging Face's `tokenizers` beside ours: processor seconds of one thread, a JSON line a case.

    TOKENIZERS_PARALLELISM=false RAYON_NUM_THREADS=1 python rust_tokenizers.py FOLDER TEXT

FOLDER holds NAME.json, one a tokenizer; TEXT is encoded whole with offsets, in pieces of 100 lines for ids only, and a
byte-level BPE of 8,000 is trained on it.
"""
import json
import statistics
import sys
import time
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

text = Path(sys.argv[2]).read_text(encoding="utf-8")
lines = text.splitlines(keepends=True)
docs = ["".join(lines[i : i + 100]) for i in range(0, len(lines), 100)]


def say(case, run, times=5):
    spent = []
    for _ in range(times):
        start = time.process_time()
        run()
        spent.append(time.process_time() - start)
    print(json.dumps({"case": case, "seconds": statistics.median(spent), "peer": f"tokenizers {tokenizers.__version__}"}), flush=True)


def train():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    t.train([sys.argv[2]], trainers.BpeTrainer(vocab_size=8000, show_progress=False, initial_alphabet=alphabet))


for path in sorted(Path(sys.argv[1]).glob("*.json")):
    t = Tokenizer.from_file(str(path))
    t.encode(text)  # its cache is warm
    say(f"{path.stem} with offsets", lambda: t.encode(text, add_special_tokens=False))
    say(f"{path.stem} ids", lambda: t.encode_batch_fast(docs, add_special_tokens=False))
say("train bpe 8000", train, times=1)
