"""YOUR QUESTION IN ONE LINE: python reproduce.py --seed 7 --out metrics.json

Say here which result of which paper this reproduces, and how.
"""

import argparse
import json
from pathlib import Path

PAPER = "Authors, title (year)"

CLAIMS = {
    # id: (statement, tolerance)
    "small-batch-test": ("Accuracy on new objects after training with small batches", 0.02),
}


def experiment(seed):
    """All numbers of the claims, by id; everything random comes from the seed."""
    raise NotImplementedError("experiment is still blank")  # replace this line


def main(seed, out):
    """Run the experiment and write its claims to the file `out`."""
    numbers = experiment(seed)
    claims = [
        {"id": id, "statement": statement, "value": float(numbers[id]), "tolerance": tolerance}
        for id, (statement, tolerance) in CLAIMS.items()
    ]
    Path(out).write_text(json.dumps({"paper": PAPER, "seed": seed, "claims": claims}, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="metrics.json")
    options = parser.parse_args()
    main(options.seed, options.out)
