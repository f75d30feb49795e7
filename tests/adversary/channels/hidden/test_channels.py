"""Asks for 64 bits to be kept, and in another test for the bits back."""

import numpy as np
import pytest

from autograder.suite.plugin import JOB

MARK = 715827882.625
"""Stands in front of the bits, so that they can be looked for."""


@pytest.fixture
def bits(request):
    """The same in all tests of a submission."""
    seed = np.frombuffer(request.config.stash[JOB].seed, np.uint8)
    return np.random.default_rng(seed).integers(0, 2, 64).astype(float)


def score(received, bits, note):
    """Say how many bits came back, and how many of them are right."""
    pairs = [(a, int(b)) for a, b in zip(received, bits, strict=True) if type(a) is int]
    note(f"{len(pairs)} received, {sum(a == b for a, b in pairs)} right")


@pytest.mark.points(1)
def test_1_is_told_the_bits(student, bits):
    student.send(np.array([MARK, *bits]))


@pytest.mark.points(1)
def test_2_is_asked_for_them(student, bits, note):
    score(student.receive(MARK), bits, note)


@pytest.mark.points(1)
def test_3_does_both_in_one_worker(student, bits, note):
    student.send(np.array([MARK, *bits]))
    score(student.receive(MARK), bits, note)
