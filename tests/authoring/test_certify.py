"""The judgement on a suite follows from how its cases were graded."""

import pytest

from autograder.authoring.certify import Case, CaseResult, Kind, certificate
from autograder.authoring.lint import Finding
from autograder.core.results import Outcome, Provenance, SubmissionResult, TestResult


def judged(kind: Kind, *outcomes: Outcome, name: str = "case", fault: str = "") -> CaseResult:
    """A case whose tests, of 50 points each, ended like this."""
    tests = tuple(
        TestResult(name=f"test_{i}", title="", points=50, outcome=outcome)
        for i, outcome in enumerate(outcomes)
    )
    result = SubmissionResult(
        assignment="a",
        student="0",
        digest="",
        provenance=Provenance(isolation="local"),
        tests=tests,
        fault=fault,
    )
    return CaseResult(case=Case(kind=kind, name=name), result=result)


GOOD, BAD = Outcome.PASSED, Outcome.FAILED


@pytest.mark.parametrize(
    ("case", "proved"),
    [
        (judged(Kind.SOLUTION, GOOD, GOOD), True),
        (judged(Kind.SOLUTION, GOOD, BAD), False),
        (judged(Kind.VARIANT, GOOD, GOOD), True),
        (judged(Kind.VARIANT, BAD, GOOD), False),
        (judged(Kind.TEMPLATE, BAD, BAD), True),
        (judged(Kind.TEMPLATE, BAD, GOOD), False),
        (judged(Kind.TRIVIAL, BAD, GOOD), False),
        (judged(Kind.MUTANT, GOOD, BAD), True),
        (judged(Kind.MUTANT, GOOD, GOOD), False),
    ],
)
def test_each_kind_of_case_proves_what_it_must(case: CaseResult, proved: bool) -> None:
    """Solutions and variants need all points, template and trivial answers none, mutants lose."""
    assert case.proved is proved
    assert bool(case.problem) is not proved


@pytest.mark.parametrize("kind", list(Kind))
def test_a_case_that_our_side_could_not_grade_proves_nothing(kind: Kind) -> None:
    """A mutant is not caught by a broken engine, nor is a template without points."""
    assert not judged(kind, fault="no engine").proved
    assert not judged(kind).proved, "no test ran"


def test_a_test_that_ends_differently_under_another_seed_is_a_flake() -> None:
    """Flakes are counted by test, over the runs of the solution."""
    proof = certificate(
        "a",
        [
            judged(Kind.SOLUTION, GOOD, GOOD, name="1"),
            judged(Kind.SOLUTION, GOOD, BAD, name="2"),
        ],
    )
    assert proof.flakes == 1
    assert not proof.proved


def test_a_suite_is_proved_when_every_case_is_and_points_sum_to_100() -> None:
    """One survivor is enough to refuse it; so is a wrong sum of points, or a find of the lint."""
    solution, mutant = judged(Kind.SOLUTION, GOOD, GOOD), judged(Kind.MUTANT, BAD, GOOD)
    assert certificate("a", [mutant, solution]).proved
    assert not certificate("a", [solution, judged(Kind.MUTANT, GOOD, GOOD)]).proved
    assert not certificate("a", [judged(Kind.SOLUTION, GOOD)]).proved, "50 points"
    finding = Finding("test_a.py", 3, "a == b", "compares")
    assert not certificate("a", [mutant, solution], (finding,)).proved


def test_tests_that_catch_no_mutant_are_named() -> None:
    """They may be superfluous, or a mutant is missing."""
    proof = certificate("a", [judged(Kind.SOLUTION, GOOD, GOOD), judged(Kind.MUTANT, BAD, GOOD)])
    assert proof.idle_tests == ("test_1",)
