"""Writes the small golden files here: python make.py [NAME…], with sacreBLEU 2.6.0 and jiwer 4.0.0. The sentences are
those of cases.py."""

import json
import sys
from pathlib import Path

import bootstrap
import cases
from score import score

SIZES = {"bleu": 60, "chrf": 30, "ter": 60, "wer": 15, "cer": 15}


def write(name, text):
    Path(__file__).with_name(f"{name}.json").write_text(text + "\n", encoding="utf-8")


for name in sys.argv[1:] or [*SIZES, "bootstrap"]:
    if name == "bootstrap":
        write(name, json.dumps(bootstrap.made(), ensure_ascii=False))
        continue
    made = cases.cases(name, getattr(cases, f"{name}_options"), 1, SIZES[name], 4)
    made = [{**case, "expected": score(case)} for case in made]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in made)
    write(name, f"[\n{lines}\n]")
