"""Scores of sacreBLEU (and of jiwer), the references of src/metrics: a JSON list of cases on standard input, its
results on standard output. A case is {"metric", "options", "hypotheses", "references"}, with the options' names as in
TypeScript and a list of references for each hypothesis."""

import json
import re
import sys

import jiwer
from sacrebleu.metrics import BLEU, CHRF, TER

METRICS = {"bleu": BLEU, "chrf": CHRF, "ter": TER}
FIELDS = {
    "bleu": {"counts": "counts", "totals": "totals", "precisions": "precisions", "bp": "bp", "sys_len": "sysLen", "ref_len": "refLen"},
    "chrf": {"name": "name"},
    "ter": {"num_edits": "edits", "ref_length": "refLength"},
}


def snake(name):
    return re.sub("([A-Z])", lambda letter: "_" + letter[0].lower(), name)


def columns(references):
    """Streams as sacreBLEU takes them; None where a hypothesis has fewer references than another."""
    most = max(map(len, references))
    return [[some[i] if i < len(some) else None for some in references] for i in range(most)]


def error_rate(case):
    """jiwer's, of the first references: it takes one each."""
    process = {"wer": jiwer.process_words, "cer": jiwer.process_characters}[case["metric"]]
    result = process([first for first, *_ in case["references"]], case["hypotheses"])
    edits = result.substitutions + result.insertions + result.deletions
    return {
        "score": getattr(result, case["metric"]),
        "edits": edits,
        "refLength": result.hits + result.substitutions + result.deletions,
    }


def score(case):
    name = case["metric"]
    if name in ("wer", "cer"):
        return error_rate(case)
    metric = METRICS[name](**{snake(key): value for key, value in case["options"].items()})
    result = metric.corpus_score(case["hypotheses"], columns(case["references"]))
    fields = {ours: getattr(result, theirs) for theirs, ours in FIELDS[name].items()}
    return {"score": result.score, **fields, "signature": str(metric.get_signature())}


if __name__ == "__main__":
    json.dump([score(case) for case in json.load(sys.stdin)], sys.stdout)
