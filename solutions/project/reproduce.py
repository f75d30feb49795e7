"""Small batches against large ones: python reproduce.py --seed 7 --out metrics.json

The question is that of Keskar et al., "On large-batch training for deep learning" (2016): two
networks see the same objects equally often, one in batches of 10, the other in batches of 500.
Both fit the training set. Which one is better on objects that it has not seen?
"""

import argparse
import json
from pathlib import Path

import numpy as np

PAPER = "Keskar et al., On large-batch training for deep learning, arXiv:1609.04836 (2016)"
FEATURES, CLUSTERS, CLASSES, HIDDEN = 20, 30, 10, 64
TRAIN, TEST, EPOCHS, REPEATS = 1000, 4000, 30, 3
SMALL = {"batch_size": 10, "lr": 0.1}
LARGE = {"batch_size": 500, "lr": 0.5}


def make_data(rng):
    """Ten classes, each of three Gaussian clusters; training and test split from the same ones."""
    centres = rng.standard_normal((CLUSTERS, FEATURES))
    cluster = rng.integers(0, CLUSTERS, TRAIN + TEST)
    x = centres[cluster] + 0.7 * rng.standard_normal((TRAIN + TEST, FEATURES))
    labels = cluster % CLASSES
    return (x[:TRAIN], labels[:TRAIN]), (x[TRAIN:], labels[TRAIN:])


def initial_weights(rng):
    """A network with one hidden layer of ReLUs."""
    return [
        rng.normal(0.0, np.sqrt(2 / FEATURES), (FEATURES, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0.0, np.sqrt(1 / HIDDEN), (HIDDEN, CLASSES)),
        np.zeros(CLASSES),
    ]


def gradients(weights, x, labels):
    """Of the mean cross-entropy of a batch."""
    W1, b1, W2, b2 = weights
    hidden = np.maximum(x @ W1 + b1, 0.0)
    logits = hidden @ W2 + b2
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1.0
    p /= len(labels)
    grad_hidden = (p @ W2.T) * (hidden > 0)
    return [x.T @ grad_hidden, grad_hidden.sum(axis=0), hidden.T @ p, p.sum(axis=0)]


def train(rng, weights, x, labels, batch_size, lr):
    """Plain SGD, the same number of epochs whatever the batch size."""
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            for weight, gradient in zip(
                weights, gradients(weights, x[batch], labels[batch]), strict=True
            ):
                weight -= lr * gradient
    return weights


def accuracy(weights, x, labels):
    """The share of right predictions."""
    W1, b1, W2, b2 = weights
    logits = np.maximum(x @ W1 + b1, 0.0) @ W2 + b2
    return float(np.mean(logits.argmax(axis=1) == labels))


def experiment(seed):
    """All numbers of the claims, averaged over a few data sets."""
    found = []
    for rng in np.random.default_rng(seed).spawn(REPEATS):
        (x, labels), (x_test, labels_test) = make_data(rng)
        row = []
        for settings in (SMALL, LARGE):
            weights = train(rng, initial_weights(rng), x, labels, **settings)
            row += [accuracy(weights, x, labels), accuracy(weights, x_test, labels_test)]
        found.append(row)
    small_train, small_test, large_train, large_test = np.mean(found, axis=0)
    return {
        "small-batch-train": small_train,
        "small-batch-test": small_test,
        "large-batch-train": large_train,
        "large-batch-test": large_test,
        "gap": small_test - large_test,
    }


CLAIMS = {
    "small-batch-train": ("With batches of 10 the training set is fitted", 0.01),
    "small-batch-test": ("Accuracy on new objects after training with batches of 10", 0.03),
    "large-batch-train": ("With batches of 500 the training set is nearly fitted", 0.025),
    "large-batch-test": ("Accuracy on new objects after training with batches of 500", 0.06),
    "gap": ("Small batches generalise better: the difference on new objects", 0.0285),
}


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
