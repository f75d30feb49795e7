"""A time-out is said when it has happened twice, the second time alone."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from autograder.batch.grading import GradingJob
from autograder.batch.secondlook import SecondLooks, patient, slowdown
from autograder.core.assignment import Assignment
from autograder.core.results import Outcome, Provenance, SubmissionResult, TestResult
from autograder.submissions.intake import Submission
from autograder.suite.clock import WAITS


def job(student: str) -> GradingJob:
    return GradingJob(
        assignment=Assignment(slug="a", title="", component="c", folder=Path(), requires=()),
        submission=Submission(student=student, digest="", files=(), entry="a.py"),
        secret=b"",
        suite_digest="",
    )


def result(student: str, *outcomes: Outcome, seconds: float = 0.0) -> SubmissionResult:
    tests = (TestResult(name="t", title="t", points=1, outcome=outcome) for outcome in outcomes)
    return SubmissionResult(
        assignment="a",
        student=student,
        digest="",
        provenance=Provenance(isolation=""),
        tests=tuple(tests),
        seconds=seconds,
    )


@given(st.lists(st.sampled_from(Outcome), max_size=5))
def test_only_time_outs_are_looked_at_twice(outcomes: list[Outcome]) -> None:
    kept = SecondLooks(alone=False).keep(job("s"), result("s", *outcomes))
    assert kept == (Outcome.TIMEOUT in outcomes)


def test_what_comes_of_the_second_look_is_said_the_quickest_first() -> None:
    looks = SecondLooks(alone=False)
    for student, seconds in [("slow", 9.0), ("quick", 1.0)]:
        assert looks.keep(job(student), result(student, Outcome.TIMEOUT, seconds=seconds))
    said = list(looks.take(lambda job: result(job.submission.student, Outcome.PASSED)))
    assert [one.student for one in said] == ["quick", "slow"]
    assert {one.outcome for one in said} == {Outcome.PASSED}


def test_when_they_have_taken_as_long_as_the_batch_the_rest_stands_as_it_was() -> None:
    looks = SecondLooks(alone=False)
    for student in "ab":
        looks.keep(job(student), result(student, Outcome.TIMEOUT))

    def late(job: GradingJob) -> SubmissionResult:
        looks._last -= 1000.0
        return result(job.submission.student, Outcome.PASSED)

    assert [one.outcome for one in looks.take(late)] == [Outcome.PASSED, Outcome.TIMEOUT]


def test_the_busier_the_machine_the_longer_a_submission_may_wait() -> None:
    assert slowdown() >= 1.0
    assert patient(job("s")).waits >= WAITS
