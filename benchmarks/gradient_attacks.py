"""Right and hostile layers in a real worker, checked with and without a reference."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import hostile_layers
import numpy as np
from hostile_layers import ACTIVATIONS, COVERS, FAULTS, RESTLESS, RIGHT

from autograder.core.assignment import Limits, Resources
from autograder.protocol.connection import Connection
from autograder.protocol.values import Handle
from autograder.sandbox.local import LocalLauncher
from autograder.suite.gradients import GradientCheck
from autograder.suite.remote import Student
from autograder.suite.session import Session
from autograder.suite.usage import Usage
from autograder.suite.verdict import Verdict

LAYERS = Path(hostile_layers.__file__)
LIMITS = Limits(test_seconds=600.0, submission_seconds=3600.0, reply_mb=64)
MODES = ("with a reference", "without")
NOISE = tuple(10.0**exponent for exponent in range(-12, -1))


class Attack(NamedTuple):
    """What a hostile layer does, as `hostile_layers.Hostile` takes it."""

    act: str
    cover: str
    fault: str
    noise: float
    scale: float


def attacks(count: int, rng: np.random.Generator) -> Iterator[Attack]:
    """Each cover and each amount of noise equally often, with faults drawn by chance."""
    faults = [fault for fault in FAULTS if fault != "none"]
    for number in range(count):
        cover = list(COVERS)[number % len(COVERS)]
        yield Attack(
            act=str(rng.choice(list(ACTIVATIONS))),
            cover=cover,
            fault=str(rng.choice([*faults, "none"] if cover in RESTLESS else faults)),
            noise=NOISE[number // len(COVERS) % len(NOISE)],
            scale=float(rng.choice([1.0, 1.0, 1e-8, 1e6])),
        )


@contextmanager
def worker() -> Iterator[Student]:
    """The module of layers, loaded in a worker of its own."""
    with LocalLauncher().start(LIMITS, Resources()) as sandbox:
        session = Session(Connection(sandbox.socket), LIMITS, Usage(sandbox.pid))
        names = ("Hostile", *(kind.__name__ for kind in RIGHT))
        session.deliver([(LAYERS.name, LAYERS.read_bytes())], LAYERS.name, names, True)
        session.begin(LIMITS.test_seconds)
        yield Student(session, Handle(0))
        session.end()


def told(
    student: Student,
    kind: str,
    act: str,
    options: tuple[Any, ...],
    scale: float,
    size: tuple[int, int, int],
    referred: bool,
    rng: np.random.Generator,
) -> str:
    """What the student is told of a layer; empty if it passes."""
    n, d, k = size
    x, W, b = rng.standard_normal((n, d)), rng.standard_normal((d, k)), rng.standard_normal(k)
    if act == "relu" and kind != "Hostile" and rng.random() < 0.5:
        x[0], b[0] = 0.0, 0.0  # a kink at the point itself

    def reference(x, W=W, b=b):
        return scale * ACTIVATIONS[act][0](x @ W + b)

    layer = getattr(student, kind)(W, b, act, *options)
    check = GradientCheck(rng)
    try:
        check(layer, x, wrt=("x", "W", "b"), reference=reference if referred else None)
    except Verdict as verdict:
        return verdict.message
    return ""


def run_attacks(count: int, seed: int) -> Counter[str]:
    """How many attacks pass, by mode; each is printed."""
    passed: Counter[str] = Counter()
    rng = np.random.default_rng([seed, 200])
    with worker() as student:
        for attack in attacks(count, rng):
            size = (30, 40, 3) if attack.fault == "some of many" else (5, 4, 3)
            options = (attack.cover, attack.fault, attack.noise, attack.scale)
            for mode in MODES:
                message = told(
                    *(student, "Hostile", attack.act, options, attack.scale),
                    *(size, mode == MODES[0], rng),
                )
                passed[mode] += not message
                if not message:
                    print(f"passes {mode}: {attack}")
    return passed


def run_right(count: int, seed: int) -> Counter[str]:
    """How many right layers fail, by mode; each is printed."""
    failed: Counter[str] = Counter()
    rng = np.random.default_rng([seed, 100])
    with worker() as student:
        for number in range(count):
            kind, act = RIGHT[number % len(RIGHT)].__name__, str(rng.choice(list(ACTIVATIONS)))
            n, d, k = (int(length) for length in rng.integers(1, 7, 3))
            for mode in MODES:
                message = told(student, kind, act, (), 1.0, (n, d, k), mode == MODES[0], rng)
                failed[mode] += bool(message)
                if message:
                    print(f"fails {mode}: {kind}, {act}, {(n, d, k)}: {message}")
    return failed
