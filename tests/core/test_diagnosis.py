"""Each bug class, planted in real layers, is named; what fits nothing is not."""

import numpy as np
import pytest

from autograder.core import diagnosis, differences, gradients, points

N, D, K = 8, 4, 3
rng = np.random.default_rng(7)
x, W, b, u = (rng.standard_normal(shape) for shape in ((N, D), (D, K), (K,), (N, K)))
square = rng.standard_normal((K, K))
labels = rng.integers(0, K, N)
onehot = np.eye(K)[labels]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(z):
    return -np.log(softmax(z)[np.arange(N), labels]).mean()


def diagnose(f, at, wrong, upstream=u, max_coordinates=500) -> str:
    """What `wrong` looks like as the gradient of f at `at`; it must not pass."""
    plan = points.plan(at, np.random.default_rng(0), max_coordinates)
    outputs = np.stack([f(point) for point in plan.points()])
    base = np.asarray(f(at))
    derivative = differences.estimate(plan, base, outputs, upstream if base.ndim else 1.0)
    verdict = gradients.judge("grad", wrong, derivative, sizes={"N": N})
    assert not verdict.passed
    return verdict.diagnosis or verdict.message


def of_weights(W):
    return x @ W + b


def of_bias(b):
    return x @ W + b


def of_input(x):
    return x @ W + b


def of_square(V):
    return x[:, :K] @ V


z = rng.standard_normal((N, K))
p, s = softmax(z), sigmoid(z)
right = x.T @ u

BUGS = {
    "sign": (of_weights, W, -right, "sign is reversed"),
    "sign of the loss": (cross_entropy, z, (onehot - p) / N, "sign is reversed"),
    "twice": (of_weights, W, 2 * right, "backward ran twice"),
    "half": (lambda W: x @ (W * W), W, right * W, "not accumulated"),
    "averaged": (of_weights, W, right / N, "averaged over the batch"),
    "averaged bias": (of_bias, b, u.mean(axis=0), "averaged over the batch"),
    "sign and average": (of_bias, b, -u.mean(axis=0), "reversed, and averaged over the batch"),
    "times N": (of_weights, W, right * N, "multiplied by the batch size"),
    "loss lacks 1/N": (cross_entropy, z, p - onehot, "lacks the 1/N"),
    "loss has 1/N twice": (cross_entropy, z, (p - onehot) / N**2, "once too often"),
    "base 2": (cross_entropy, z, (p - onehot) / N / np.log(2), "base 2"),
    "another factor": (of_weights, W, 0.3 * right, "constant factor 0.3"),
    "zero": (of_weights, W, 0 * right, "zero everywhere"),
    "softmax backward of zero": (softmax, z, 0 * u, "zero everywhere"),
    "transposed shape": (of_weights, W, u.T @ x, "transposed"),
    "transposed square": (of_square, square, u.T @ x[:, :K], "transposed"),
    "upstream ignored": (of_weights, W, x.T @ np.ones((N, K)), "upstream gradient is ignored"),
    "sigmoid without upstream": (sigmoid, z, s * (1 - s), "upstream gradient is ignored"),
    "ReLU without upstream": (lambda z: np.maximum(z, 0), z, 1.0 * (z > 0), "is ignored"),
    "upstream twice": (sigmoid, z, s * (1 - s) * u * u, "multiplied in twice"),
    "first row of the batch": (of_bias, b, u[0], "only the first sample"),
    "first sample's outer product": (of_weights, W, np.outer(x[0], u[0]), "only the first sample"),
    "everything summed": (of_bias, b, np.full(K, u.sum()), "summed over every axis"),
    "everything summed to a number": (of_bias, b, u.sum(), "summed over every axis"),
    "not summed over the batch": (of_bias, b, u, "not summed over the batch"),
    "summed over a kept axis": (
        of_weights,
        W,
        np.broadcast_to(right.sum(axis=0), right.shape).copy(),
        "summed over axis 0",
    ),
    "one sample missing": (of_weights, W, x[1:].T @ u[1:], "outer product"),
    "softmax's diagonal only": (softmax, z, p * (1 - p) * u, "cross terms"),
    "softmax without its sum term": (lambda z: z - z.mean(axis=1)[:, None], z, u, "along axis 1"),
    "constant term": (of_weights, W, right + 0.5, "same amount"),
    "the labels' term": (cross_entropy, z, p / N, "entries are right"),
    "first row only": (sigmoid, z, s * (1 - s) * u * (np.arange(N) == 0)[:, None], "first sample"),
    "second row only": (sigmoid, z, s * (1 - s) * u * (np.arange(N) == 1)[:, None], "1 of axis 0"),
    "ReLU by the upstream's sign": (
        lambda z: np.maximum(z, 0),
        z,
        u * (u > 0),
        "entries are right",
    ),
    "leaky slope of zero": (
        lambda z: np.where(z > 0, z, 0.1 * z),
        z,
        np.where(z > 0, u, 0.0),
        "masked out",
    ),
}


@pytest.mark.parametrize(("f", "at", "wrong", "words"), BUGS.values(), ids=BUGS)
def test_a_planted_bug_is_named(f, at, wrong, words):
    assert words in diagnose(f, at, np.asarray(wrong))


def test_a_bias_summed_over_the_wrong_axis_of_a_square_batch_is_named():
    V = rng.standard_normal((K, K))
    words = diagnose(lambda b: x[:K, :K] @ V + b, b, u[:K].sum(axis=1), upstream=u[:K])
    assert "summed over the wrong axis" in words


SAMPLED = ("sign", "averaged", "another factor", "zero", "transposed square", "upstream ignored")


@pytest.mark.parametrize("bug", [*SAMPLED, "first sample's outer product", "labels' term"])
def test_a_planted_bug_is_named_when_only_some_entries_are_sampled(bug):
    f, at, wrong, words = BUGS[bug if bug in BUGS else f"the {bug}"]
    assert words in diagnose(f, at, np.asarray(wrong), max_coordinates=at.size // 2)


@pytest.mark.parametrize("seed", range(20))
def test_nonsense_has_no_diagnosis(seed):
    nonsense = np.random.default_rng(seed).standard_normal(right.shape)
    assert "Looks like" not in diagnose(of_weights, W, nonsense)
    assert diagnose(sigmoid, z, z * (1 - z) * u).startswith("grad[")


def test_a_ratio_of_a_single_entry_is_an_accident_unless_it_is_simple():
    f = lambda b: np.sum(b**2)  # noqa: E731
    assert "Looks like" not in diagnose(f, np.array([1.5]), np.array([4.11]))
    assert "sign" in diagnose(f, np.array([1.5]), np.array([-3.0]))


@pytest.mark.parametrize(
    ("shape", "expected", "words"),
    [
        ((3, 4), (4, 3), "transposed"),
        ((), (3,), "every axis"),
        ((8, 3), (3,), "not summed over the batch"),
        ((3,), (8, 3), "summed or lost"),
        ((3, 1), (3,), "length 1"),
        ((2, 4, 3), (3, 2, 4), "another order"),
        ((12,), (4, 3), "another shape"),
    ],
)
def test_a_wrong_shape_is_named(shape, expected, words):
    assert words in diagnosis.of_shape(shape, expected, batch=8).text


def test_a_shape_like_no_other_is_not_named():
    assert diagnosis.of_shape((5,), (4, 3), batch=8) is None
