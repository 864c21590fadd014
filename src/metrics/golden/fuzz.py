"""Fresh cases with their scores, for tests: METRIC SEED COUNT SIZE LONGEST; a JSON list on standard output."""

import json
import sys

import cases
from score import score

metric, *numbers = sys.argv[1:]
seed, count, size, longest = map(int, numbers)
made = cases.cases(metric, getattr(cases, f"{metric}_options"), seed, count, size, longest)
json.dump([{**case, "expected": score(case)} for case in made], sys.stdout)
