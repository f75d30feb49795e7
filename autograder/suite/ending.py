"""Whose doing it was that an examination's own process ended, and what becomes of its tests."""

import signal

import msgspec

from autograder.core.results import Outcome, TestResult
from autograder.errors import ExaminerFailed
from autograder.suite.allowance import Exceeded, too_dear
from autograder.suite.job import Ended, Examination
from autograder.suite.verdict import Verdict

# A process gets these by what it computes; nobody sends them.
_BY_ITSELF = {signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL}


def concluded(examination: Examination, ended: Ended) -> Examination:
    """The examination, done or cut off by the end of its own process.

    If the process ended by what it computed, the tests that were cut off are the submission's, or
    the suite's fault where the student's code had not answered yet. Who was killed by somebody
    else, as by a kernel without memory, is our fault: raises ExaminerFailed.
    """
    examination = msgspec.structs.replace(examination, ended=ended)
    if ended.signal == ended.exit_code == 0:
        return examination
    verdict = _verdict(ended)
    if verdict is None or not examination.under_way:
        how = f"signal {ended.signal}" if ended.signal else f"code {ended.exit_code}"
        raise ExaminerFailed(
            f"the examiner ended without a result, by {how}; was it killed, or does a hidden test "
            "wait for nothing?"
        )
    if not examination.answered:
        test = examination.under_way[0].name
        return msgspec.structs.replace(
            examination, suite_fault=f"{test} ended the examiner by signal {ended.signal}"
        )
    tests = (*examination.tests, *(_judged(test, verdict) for test in examination.under_way))
    return msgspec.structs.replace(examination, tests=tests, under_way=())


def _verdict(ended: Ended) -> Verdict | None:
    """How the tests end; None where it was our fault."""
    if ended.signal == signal.SIGXCPU:
        return too_dear(Exceeded())
    if ended.signal in _BY_ITSELF:
        return Verdict(Outcome.CRASHED, "What your code returned cannot be checked.")
    return None


def _judged(test: TestResult, verdict: Verdict) -> TestResult:
    return msgspec.structs.replace(test, outcome=verdict.outcome, message=verdict.message)
