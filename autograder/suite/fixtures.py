"""What hidden tests use: `student`, `rng`, `limits`, `device`, `note` and the checks."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.core.assignment import Limits
from autograder.core.comparison import compare
from autograder.core.results import Outcome
from autograder.protocol.values import Handle
from autograder.suite.accuracy import AccuracyCheck
from autograder.suite.gradients import GradientCheck, check_one
from autograder.suite.plugin import JOB, NOTES, SESSION
from autograder.suite.remote import Student
from autograder.suite.verdict import Verdict


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The student's module, in a worker that no other test has used."""
    return Student(request.config.stash[SESSION], Handle(0))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random inputs: the same for the same submission and test, unknown to everybody else."""
    seed = request.config.stash[JOB].seed + request.node.nodeid.encode()
    return np.random.default_rng(np.frombuffer(hashlib.sha256(seed).digest(), np.uint32))


@pytest.fixture
def limits(request: pytest.FixtureRequest) -> Limits:
    """The assignment's limits."""
    return request.config.stash[JOB].limits


@pytest.fixture
def submitted(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """The submitted files as they came in, by their path; nobody has executed them."""
    return dict(request.config.stash[JOB].files)


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """`cpu` or `cuda`: what the submission may train on."""
    return request.config.stash[JOB].device


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`note(text)`: a line for the student that stands with the result even of a passed test."""
    notes: list[str] = request.node.stash.setdefault(NOTES, [])
    return notes.append


@pytest.fixture
def check_close() -> Callable[..., None]:
    """`check_close(actual, expected, what, rtol=1e-7, atol=1e-9)`: type, shape, dtype, values."""

    def check(actual: Any, expected: Any, what: str, **tolerances: Any) -> None:
        mismatch = compare(actual, expected, what, **tolerances)
        if mismatch is not None:
            raise Verdict(Outcome.FAILED, mismatch.message)

    return check


@pytest.fixture
def check_gradients(rng: np.random.Generator) -> GradientCheck:
    """Analytic gradients against numerical ones, in one round trip."""
    return GradientCheck(rng)


@pytest.fixture
def check_gradient(rng: np.random.Generator) -> Callable[..., None]:
    """`check_gradient(actual, function, x, what, upstream=None)`: a gradient that was returned.

    It must be the derivative of sum(upstream · function(x)), where `function` is the test's own
    right forward pass: it is differentiated here, the student's code is not asked again.
    """

    def check(
        actual: Any,
        function: Callable[[Any], Any],
        x: Any,
        what: str,
        upstream: Any = None,
    ) -> None:
        check_one(actual, function, x, what, upstream, rng)

    return check


@pytest.fixture
def check_accuracy(rng: np.random.Generator, note: Callable[[str], None]) -> AccuracyCheck:
    """Accuracy on held-out data whose labels stay here."""
    return AccuracyCheck(rng, note)
