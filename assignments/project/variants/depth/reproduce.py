"""Gradients vanish with depth under sigmoids, much less under ReLUs (Glorot and Bengio 2010)."""

import json
import pathlib

import numpy as np

WIDTH, DEPTH, SAMPLES = 50, 10, 200


def norms(rng, relu):
    """log10 of the ratio of gradient norms at the first and at the last layer."""
    scale = np.sqrt((2 if relu else 1) / WIDTH)
    weights = [scale * rng.standard_normal((WIDTH, WIDTH)) for _ in range(DEPTH)]
    x = rng.standard_normal((SAMPLES, WIDTH))
    slopes = []
    for W in weights:
        z = x @ W
        x = np.maximum(z, 0) if relu else 1 / (1 + np.exp(-z))
        slopes.append((z > 0).astype(float) if relu else x * (1 - x))
    g = last = rng.standard_normal((SAMPLES, WIDTH))
    for W, slope in zip(weights[::-1], slopes[::-1]):
        g = (g * slope) @ W.T
    return np.log10(np.linalg.norm(g) / np.linalg.norm(last))


def main(*, seed, out):
    rng = np.random.default_rng(seed)
    sigmoid = [norms(rng, relu=False) for _ in range(40)]
    relu = [norms(rng, relu=True) for _ in range(40)]
    claims = []
    for id, values, tolerance in (
        ("sigmoid-decades", sigmoid, 0.3),
        ("difference", np.subtract(relu, sigmoid), 0.5),
        ("sigmoid-decades-per-layer", np.array(sigmoid) / DEPTH, 0.03),
    ):
        claims.append(
            {"id": id, "statement": id, "value": float(np.mean(values)), "tolerance": tolerance}
        )
    paper = "Glorot and Bengio, Understanding the difficulty of training deep networks (2010)"
    content = {"paper": paper, "seed": seed, "claims": claims}
    pathlib.Path(out).write_bytes(json.dumps(content).encode())


if __name__ == "__main__":
    main(seed=0, out="metrics.json")
