"""Momentum on a ravine needs fewer steps than gradient descent (Goh, Why momentum really works)."""

import json
import sys

import numpy as np

CURVATURES = np.array([1.0, 100.0])


def steps_needed(start, lr, rho):
    w, v, count = start.copy(), np.zeros(2), 0
    while 0.5 * np.sum(CURVATURES * w**2) > 1e-6 and count < 20_000:
        v = rho * v + CURVATURES * w
        w = w - lr * v
        count += 1
    return count


def main(seed, out):
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0.2, 1.3, 60)
    starts = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    plain = np.mean([steps_needed(s, 0.0198, 0.0) for s in starts])
    heavy = np.mean([steps_needed(s, 0.0331, 0.6694) for s in starts])
    numbers = {"plain-steps": plain, "momentum-steps": heavy, "speed-up": plain / heavy}
    metrics = {
        "paper": "Goh, Why momentum really works, Distill (2017)",
        "seed": seed,
        "claims": [
            {"id": i, "statement": "on a ravine of condition 100", "value": v, "tolerance": v / 8}
            for i, v in numbers.items()
        ],
    }
    with open(out, "w", encoding="utf-8") as f:
        f.write(json.dumps(metrics))


if __name__ == "__main__":
    main(int(sys.argv[2]) if len(sys.argv) > 2 else 0, "metrics.json")
