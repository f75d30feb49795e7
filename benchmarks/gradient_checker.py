"""Does the gradient checker ever fail a right gradient, or pass a wrong one?

    python benchmarks/gradient_checker.py [--cases 10000] [--seed 0]

Each case draws a layer, loss or small net, a tensor of at most 500 entries, and a random normal
upstream. Its right gradient, written by hand, must pass; with one random non-zero entry off by
1e-4 of itself it must fail. Half of the cases have random normal data of scale 1. The others have a
scale between 1e-3 and 1e3, where saturation leaves entries that no float64 difference resolves:
there an entry is called resolvable if the planted error, over one step, moves the output by at
least 100 of its roundings (a loss is a difference of numbers of size 1 or more, and is rounded as
they are), and tiny otherwise. Each seventh case perturbs a third of the entries only, the rest
along random directions. In the family "near kinks" most entries have a kink within two steps:
there a right gradient may be inconclusive, which asks for another base point, and a wrong one hide
between the one-sided slopes, but nowhere else.

The exit status is 1 if a right gradient fails, if a unit or resolvable wrong one passes, or if a
check takes more than 4n + 1 evaluations.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograder.core import differences, gradients
from autograder.core.differences import Floats

RELATIVE_ERROR = 1e-4
ROUNDINGS = 100
KINDS = ("unit", "resolvable", "tiny", "sampled", "kinked")
CLAIMED = ("unit", "resolvable")
STRESS = "near kinks"


class Case(NamedTuple):
    """A function of one tensor at `x`, and its gradient for an upstream gradient."""

    x: Floats
    forward: Callable[[Floats], Floats]
    gradient: Callable[[Floats], Floats]


Family = Callable[[np.random.Generator, float], Case]


def elementwise(
    f: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], positive: bool = False
) -> Family:
    """A function of each entry by itself."""

    def family(rng: np.random.Generator, scale: float) -> Case:
        x = scale * rng.standard_normal((int(rng.integers(1, 20)), int(rng.integers(1, 25))))
        if positive:
            x = np.abs(x) + 0.1 * scale
        return Case(x, f, lambda u: u * slope(x))

    return family


def sigmoid(x: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -x))


def softmax(x: Floats) -> Floats:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_layer(rng: np.random.Generator, scale: float) -> Case:
    x = scale * rng.standard_normal((int(rng.integers(1, 20)), int(rng.integers(2, 12))))

    def gradient(u: Floats) -> Floats:
        p = softmax(x)
        return p * (u - (u * p).sum(axis=-1, keepdims=True))

    return Case(x, softmax, gradient)


def cross_entropy(logits: Floats, labels: np.ndarray) -> Floats:
    top = logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0]
    return np.mean(total - logits[np.arange(len(labels)), labels])


def cross_entropy_gradient(logits: Floats, labels: np.ndarray) -> Floats:
    return (softmax(logits) - np.eye(logits.shape[1])[labels]) / len(labels)


def softmax_cross_entropy(rng: np.random.Generator, scale: float) -> Case:
    N, K = int(rng.integers(1, 33)), int(rng.integers(2, 12))
    labels = rng.integers(0, K, N)
    x = scale * rng.standard_normal((N, K))
    return Case(x, lambda x: cross_entropy(x, labels), lambda u: cross_entropy_gradient(x, labels))


def mean_squared_error(rng: np.random.Generator, scale: float) -> Case:
    x, target = scale * rng.standard_normal((2, int(rng.integers(1, 40)), int(rng.integers(1, 12))))
    return Case(x, lambda x: np.mean((x - target) ** 2), lambda u: 2 * (x - target) / x.size)


def maximum(rng: np.random.Generator, scale: float) -> Case:
    x = scale * rng.standard_normal((int(rng.integers(1, 40)), int(rng.integers(2, 12))))
    winners = np.eye(x.shape[1])[x.argmax(axis=1)]
    return Case(x, lambda x: x.max(axis=1), lambda u: u[:, None] * winners)


def linear(rng: np.random.Generator, scale: float) -> Case:
    N, D, K = (int(length) for length in rng.integers(1, 21, 3))
    x, W, b = rng.standard_normal((N, D)), rng.standard_normal((D, K)), rng.standard_normal(K)
    match rng.integers(3):
        case 0:
            x = scale * x
            return Case(x, lambda x: x @ W + b, lambda u: u @ W.T)
        case 1:
            W = scale * W
            return Case(W, lambda W: x @ W + b, lambda u: x.T @ u)
        case _:
            b = scale * b
            return Case(b, lambda b: x @ W + b, lambda u: u.sum(axis=0))


def network(
    act: Callable[[Floats], Floats], slope: Callable[[Floats], Floats], loss: bool
) -> Family:
    """Two linear layers with an activation between, with cross-entropy behind them if `loss`."""

    def family(rng: np.random.Generator, scale: float) -> Case:
        N, D, H, K = (int(length) for length in rng.integers(2, 16, 4))
        labels = rng.integers(0, K, N)
        tensors = {
            "x": rng.standard_normal((N, D)),
            "W1": rng.standard_normal((D, H)) / np.sqrt(D),
            "b1": rng.standard_normal(H),
            "W2": rng.standard_normal((H, K)) / np.sqrt(H),
            "b2": rng.standard_normal(K),
        }
        name = str(rng.choice(list(tensors)))
        tensors[name] = scale * tensors[name]

        def forward(moved: Floats) -> Floats:
            t = {**tensors, name: moved}
            logits = act(t["x"] @ t["W1"] + t["b1"]) @ t["W2"] + t["b2"]
            return cross_entropy(logits, labels) if loss else logits

        def gradient(u: Floats) -> Floats:
            x, W1, b1, W2, b2 = tensors.values()
            before = x @ W1 + b1
            hidden = act(before)
            if loss:
                u = cross_entropy_gradient(hidden @ W2 + b2, labels)
            back = u @ W2.T * slope(before)
            return {
                "x": lambda: back @ W1.T,
                "W1": lambda: x.T @ back,
                "b1": lambda: back.sum(axis=0),
                "W2": lambda: hidden.T @ u,
                "b2": lambda: u.sum(axis=0),
            }[name]()

        return Case(tensors[name], forward, gradient)

    return family


def near_kinks(rng: np.random.Generator, scale: float) -> Case:
    """The biases of a ReLU net, set so that each unit bends within two steps for some sample."""
    N, D, H, K = (int(length) for length in rng.integers(2, 16, 4))
    x, W1, W2 = (rng.standard_normal(shape) for shape in ((N, D), (D, H), (H, K)))
    before = x @ W1
    b = scale * differences.STEPS[0] * rng.uniform(-2, 2, H) - before[rng.integers(0, N, H), range(H)]

    def gradient(u: Floats) -> Floats:
        return (u @ W2.T * step(before + b)).sum(axis=0)

    return Case(b, lambda b: relu(before + b) @ W2, gradient)


def tanh_slope(x: Floats) -> Floats:
    return 1 / np.cosh(np.clip(x, -350, 350)) ** 2


def relu(x: Floats) -> Floats:
    return np.maximum(x, 0.0)


def step(x: Floats) -> Floats:
    return (x > 0).astype(float)


FAMILIES: dict[str, Family] = {
    "linear": linear,
    "sigmoid": elementwise(sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "tanh": elementwise(np.tanh, tanh_slope),
    "exp": elementwise(
        lambda x: np.exp(np.minimum(x, 30.0)), lambda x: np.exp(np.minimum(x, 30.0)) * (x < 30)
    ),
    "log": elementwise(np.log, lambda x: 1 / x, positive=True),
    "polynomial": elementwise(lambda x: x**3 - 2 * x + 1, lambda x: 3 * x**2 - 2),
    "softmax": softmax_layer,
    "softmax + CE": softmax_cross_entropy,
    "MSE": mean_squared_error,
    "tanh net": network(np.tanh, tanh_slope, loss=False),
    "tanh net + CE": network(np.tanh, tanh_slope, loss=True),
    "ReLU": elementwise(relu, step),
    "leaky ReLU": elementwise(lambda x: np.where(x > 0, x, 0.1 * x), lambda x: 0.1 + 0.9 * step(x)),
    "abs": elementwise(np.abs, np.sign),
    "maximum": maximum,
    "ReLU net": network(relu, step, loss=False),
    "ReLU net + CE": network(relu, step, loss=True),
    STRESS: near_kinks,
}


def run(cases: int, seed: int) -> Counter[tuple[str, str]]:
    """Try `cases` cases; counts by family and event, printing each case that goes wrong."""
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(cases):
        rng = np.random.default_rng([seed, number])
        family = list(FAMILIES)[number % len(FAMILIES)]
        unit = number // len(FAMILIES) % 2 == 0
        sampled = number // len(FAMILIES) % 7 == 6
        scale = 1.0 if unit else float(10 ** rng.uniform(-3, 3))
        with np.errstate(all="ignore"):
            x, forward, gradient = FAMILIES[family](rng, scale)
            plan = differences.plan(x, rng, max_coordinates=1 + x.size // 3 if sampled else x.size)
            base = np.asarray(forward(x))
            outputs = np.stack([forward(point) for point in plan.points()])
            upstream = rng.standard_normal(base.shape) if base.ndim else np.array(1.0)
            right = gradient(upstream)
        start = time.perf_counter()
        derivative = differences.estimate(plan, base, outputs, upstream)
        verdict = gradients.judge("grad", right, derivative, sizes={"N": x.shape[0]})
        seconds = time.perf_counter() - start

        events = Counter(cases=1, entries=x.size, microseconds=round(1e6 * seconds))
        events.update(kinks=verdict.kinks, undecided=verdict.undecided)
        trouble = []
        if plan.evaluations > 4 * x.size + 1:
            events["too many evaluations"] += 1
            trouble.append(f"{plan.evaluations} evaluations for {x.size} entries")
        if verdict.problem == "undecided":
            events["inconclusive"] += 1
        elif not verdict.passed:
            events["false failures"] += 1
            trouble.append(verdict.message)
        if right.any():
            place = int(rng.choice(np.flatnonzero(right)))
            wrong = right.copy()
            wrong.flat[place] *= 1 + RELATIVE_ERROR * rng.choice((-1.0, 1.0))
            if family == STRESS:
                kind = "kinked"
            elif sampled:
                kind = "sampled"
            elif unit:
                kind = "unit"
            else:
                moved = np.abs(wrong - right).max() * plan.steps[place]
                size = base if base.ndim else max(1.0, abs(float(base)))
                rounding = np.finfo(float).eps * np.linalg.norm(upstream * size)
                kind = "resolvable" if moved >= ROUNDINGS * rounding else "tiny"
            events[f"{kind} planted"] += 1
            if gradients.judge("grad", wrong, derivative).problem == "values":
                events[f"{kind} caught"] += 1
            elif kind in CLAIMED:
                trouble.append(f"missed {right.flat[place]:.3g} of {np.abs(right).max():.3g}")
        counts.update({(family, event): count for event, count in events.items()})
        for line in trouble:
            print(f"case {number}, {family}, scale {scale:.3g}: {line}")
    return counts


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 1 if a claim fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    counts = run(options.cases, options.seed)

    total: Counter[str] = Counter()
    for (_, event), count in counts.items():
        total[event] += count
    columns = ("cases", "entries", "false failures", "inconclusive", "kinks", "undecided")
    print("".join(f"{title:>15}" for title in ("", *columns, *KINDS)))
    for family in [*FAMILIES, "all"]:
        seen = total if family == "all" else {event: counts[family, event] for event in total}
        cells = [str(seen.get(column, 0)) for column in columns]
        cells += [f"{seen.get(f'{k} caught', 0)}/{seen.get(f'{k} planted', 0)}" for k in KINDS]
        print(f"{family:15}" + "".join(f"{cell:>15}" for cell in cells))
    print(f"the last five columns: caught / planted, one entry off by {RELATIVE_ERROR:g} of itself")
    milliseconds = total["microseconds"] / max(total["cases"], 1) / 1000
    print(f"estimate and judge: {milliseconds:.2f} ms a case; seed {options.seed}")
    missed = sum(total[f"{kind} planted"] - total[f"{kind} caught"] for kind in CLAIMED)
    vague = total["inconclusive"] - counts[STRESS, "inconclusive"]
    return int(bool(missed or total["false failures"] or vague or total["too many evaluations"]))


if __name__ == "__main__":
    sys.exit(main())
