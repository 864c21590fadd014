"""Intervals and paired tests of sacreBLEU 2.6.0, for the golden case of make.py: NumPy's draws, and both systems of a
small corpus with one reference each."""

import random

import numpy
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

import cases


def draws():
    asked = [(12345, 300), (0, 2), (7, 1), (2**40 + 5, 1000), (12345, 2**21), (1, 2**20 + 1)]
    return [
        {"seed": seed, "n": n, "drawn": numpy.random.default_rng(seed).choice(n, size=40).tolist()} for seed, n in asked
    ]


def made():
    rng = random.Random(3)
    references = [cases.sentence(rng, 20) + " the end" for _ in range(40)]
    baseline = [cases.changed(rng, line) for line in references]
    system = [line if rng.random() < 0.2 else cases.changed(rng, line) for line in references]
    metrics = {"bleu": BLEU(), "chrf": CHRF(), "ter": TER()}
    test = PairedTest([("a", baseline), ("b", system)], metrics, [references], test_type="bs", n_samples=1000)
    _, results = test()
    names = {"bleu": "BLEU", "chrf": "chrF2", "ter": "TER"}
    own = {}
    for name, metric in metrics.items():
        score = metric.corpus_score(system, [references], n_bootstrap=1000)
        own[name] = {"printed": score.format(score_only=True), "signature": str(metric.get_signature())}
    return {
        "draws": draws(),
        "baseline": baseline,
        "system": system,
        "references": references,
        "results": {name: {**paired(*results[theirs]), **own[name]} for name, theirs in names.items()},
    }


def paired(baseline, system):
    numbers = [{"score": float(one.score), "mean": float(one.mean), "margin": float(one.ci)} for one in (baseline, system)]
    return {"baseline": numbers[0], "system": numbers[1], "p": system.p_value}
