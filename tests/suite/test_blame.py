"""What became of a worker, in words for the student."""

import errno
from collections.abc import Callable

import pytest

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.messages import Exited, Raised
from autograder.suite import blame
from autograder.suite.job import Examination
from autograder.suite.source import Source
from autograder.suite.verdict import Verdict
from autograder.suite.words import Words

LIMITS = Limits(
    processes=7, open_files=11, scratch_mb=13, scratch_files=17, memory_mb=19, submission_seconds=23
)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EAGAIN, "may have 7 processes and threads"),
        (errno.EMFILE, "may have 11 files open"),
        (errno.ENOSPC, "may write 13 MB, in 17 files"),
        (errno.EFBIG, "may write 13 MB, in 17 files"),
    ],
)
def test_a_limit_of_the_system_is_told_with_its_number(number: int, words: str) -> None:
    raised = Raised(1, "exception", ("OSError",), "", (), number)
    verdict = blame.raised(raised, LIMITS, Source({}))
    assert verdict.outcome is Outcome.ERROR
    assert words in Words().tell(verdict)


def test_other_exceptions_have_no_remark() -> None:
    raised = Raised(1, "exception", ("OSError",), "", (), errno.ENOENT)
    assert "a submission may" not in Words().tell(blame.raised(raised, LIMITS, Source({})))


@pytest.mark.parametrize(
    ("signal", "starved", "outcome", "words"),
    [
        (9, True, Outcome.OUT_OF_MEMORY, "more than 19 MB"),
        (24, False, Outcome.TIMEOUT, "23 s of computing time"),
        (11, False, Outcome.CRASHED, "signal 11, SIGSEGV"),
        (4711, False, Outcome.CRASHED, "ended by a signal (no"),
        (0, False, Outcome.CRASHED, "ended its own process"),
    ],
)
def test_a_worker_that_ended_is_told_by_its_cause(
    signal: int, starved: bool, outcome: Outcome, words: str
) -> None:
    verdict = blame.exited(Exited(False, signal), starved, LIMITS)
    assert verdict.outcome is outcome
    assert words in verdict.message


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (None, False),
        (AssertionError(), False),
        (Verdict(Outcome.FAILED, ""), False),
        (Verdict(Outcome.PROTOCOL_VIOLATION, ""), False),
        (Verdict(Outcome.ERROR, "", exceptions=("ValueError", "Exception")), False),
        (Verdict(Outcome.ERROR, "", exceptions=("AcceleratorError", "RuntimeError")), True),
        (blame.out_of_gpu_memory(LIMITS), True),
        (blame.out_of_time(1.0, LIMITS, all_used=False), True),
        (blame.exited(Exited(False, 11), False, LIMITS), True),
    ],
)
def test_a_gpu_is_asked_only_after_ends_that_may_be_its_own(
    end: BaseException | None, expected: bool
) -> None:
    assert blame.may_be_the_gpus(end) is expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("held = [open('/dev/null') for _ in range(9999)]", "256 files open at a time"),
        ("open('big', 'wb').write(bytes(2**20 * 65))", "64 MB, in 1024 files"),
        ('raise RuntimeError("can\'t start new thread")', "64 processes and threads"),
    ],
)
def test_a_student_reads_which_limit_was_met(
    examine: Callable[..., Examination], body: str, words: str
) -> None:
    tests = "@pytest.mark.points(1)\ndef test_one(student):\n    student.f()\n"
    (result,) = examine(tests, f"def f():\n    {body}").tests
    assert result.outcome is Outcome.ERROR
    assert words in result.message
