"""Averaging makes the perceptron better on noisy data (Freund and Schapire 1999)."""

import json
from pathlib import Path

import numpy as np
from perceptrons import accuracy, train


def sample(rng, truth, n):
    x = rng.standard_normal((n, len(truth)))
    flipped = np.where(rng.random(n) < 0.15, -1.0, 1.0)
    return x, np.sign(x @ truth) * flipped


def main(seed, out):
    rng = np.random.default_rng(seed)
    last, averaged = [], []
    for _ in range(30):
        truth = rng.standard_normal(15)
        x, y = sample(rng, truth, 300)
        x_new, y_new = sample(rng, truth, 1000)
        w, mean = train(x, y, 3, rng)
        last.append(accuracy(w, x_new, y_new))
        averaged.append(accuracy(mean, x_new, y_new))
    values = {
        "last": np.mean(last),
        "averaged": np.mean(averaged),
        "gain": np.mean(averaged) - np.mean(last),
    }
    claims = [dict(id=k, statement=k, value=float(v), tolerance=0.03) for k, v in values.items()]
    Path(out).write_text(
        json.dumps(dict(paper="Freund and Schapire 1999", seed=seed, claims=claims))
    )


if __name__ == "__main__":
    main(1, "metrics.json")
