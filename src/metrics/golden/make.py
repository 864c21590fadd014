"""Writes the small golden files here: python make.py [NAME…], with sacreBLEU 2.6.0. The cases are those of cases.py."""

import json
import sys
from pathlib import Path

import cases
from score import score

GOLDENS = {"bleu": lambda: cases.cases("bleu", cases.bleu_options, 1, 60, 4)}

for name in sys.argv[1:] or GOLDENS:
    made = [{**case, "expected": score(case)} for case in GOLDENS[name]()]
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in made)
    Path(__file__).with_name(f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
