"""What hidden tests use: `student`, `rng`, `limits`, `check_close`, `check_gradients`."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder.core.assignment import Limits
from autograder.core.comparison import compare
from autograder.core.results import Outcome
from autograder.protocol.messages import Handle
from autograder.suite.gradients import GradientCheck
from autograder.suite.plugin import JOB, SESSION
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
