"""Whose doing the end of an examining process was."""

import signal

import pytest

from autograder.core.results import Outcome, TestResult
from autograder.errors import ExaminerFailed
from autograder.suite.ending import concluded
from autograder.suite.job import Ended, Examination


def result(name: str, outcome: Outcome) -> TestResult:
    return TestResult(name=name, title=name, points=1.0, outcome=outcome)


DONE = result("done", Outcome.PASSED)
CUT_OFF = Examination(
    tests=(DONE,),
    under_way=(result("now", Outcome.UNGRADED), result("next", Outcome.UNGRADED)),
    answered=True,
)


def ended(number: int = 0, code: int = 0) -> Ended:
    return Ended(signal=number, exit_code=code, memory=1, cpu_seconds=1.0)


def test_an_examination_that_is_done_stands() -> None:
    examination = Examination(tests=(DONE,))
    assert concluded(examination, ended()).tests == (DONE,)


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (signal.SIGXCPU, Outcome.TIMEOUT),
        (signal.SIGSEGV, Outcome.CRASHED),
        (signal.SIGABRT, Outcome.CRASHED),
    ],
)
def test_what_the_process_did_by_itself_is_the_submissions(number: int, outcome: Outcome) -> None:
    tests = concluded(CUT_OFF, ended(number)).tests
    assert [test.outcome for test in tests] == [Outcome.PASSED, outcome, outcome]
    assert all(test.message for test in tests[1:])


def test_before_the_students_code_has_answered_it_is_the_suites_fault() -> None:
    early = Examination(tests=(DONE,), under_way=CUT_OFF.under_way)
    assert "now ended the examiner" in concluded(early, ended(signal.SIGSEGV)).suite_fault


@pytest.mark.parametrize(
    "end", [ended(signal.SIGKILL), ended(signal.SIGTERM), ended(signal.SIGALRM), ended(code=1)]
)
def test_who_was_ended_by_others_has_failed_us(end: Ended) -> None:
    with pytest.raises(ExaminerFailed, match="without a result"):
        concluded(CUT_OFF, end)
