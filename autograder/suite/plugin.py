"""The pytest plugin of the examiner: markers, one worker per test, one TestResult per test."""

import time
import traceback
from collections.abc import Callable, Generator
from itertools import zip_longest

import msgspec
import pytest
from _pytest._io.saferepr import saferepr

# pytest-rerunfailures and others build on it too: pytest has no public way to run one item.
from _pytest.runner import runtestprotocol

from autograder.core.results import Outcome, TestResult
from autograder.errors import SuiteError
from autograder.suite.allowance import Allowance, Exceeded, too_dear
from autograder.suite.collection import Suite
from autograder.suite.drawings import Drawings
from autograder.suite.job import Job
from autograder.suite.session import Session
from autograder.suite.verdict import SandboxLost, Verdict
from autograder.suite.words import Words, few_digits

SESSION = pytest.StashKey[Session]()
JOB = pytest.StashKey[Job]()
NOTES = pytest.StashKey[list[str]]()
_PROBLEM = pytest.StashKey[tuple[BaseException, str]]()

_DETAIL = 8000


class ExaminerPlugin:
    """Runs each test against a fresh worker and turns its end into a TestResult."""

    def __init__(
        self,
        job: Job,
        session: Session,
        allowance: Allowance,
        verdict: Verdict | None,
        lost: str,
        tell: Callable[[], None],
    ) -> None:
        self._job = job
        self._session = session
        self._allowance = allowance
        self._words = Words()
        self._drawings = Drawings()
        self._verdict = verdict
        """The end of every test, when the submission cannot even be loaded."""
        self._tell = tell
        """Called when there is another result, or the first answer in a test."""
        self.results: list[TestResult] = []
        self.under_way: tuple[TestResult, ...] = ()
        """The test at hand and those behind it, as yet ungraded."""
        self.answered = False
        """Whether the student's code has said something in the test at hand."""
        self.faults: list[str] = []
        self.lost = lost

    def run(self, suite: Suite) -> None:
        """Every test of the suite, in its order."""
        tests = suite.session
        assert tests is not None
        tests.config.stash[SESSION] = self._session
        tests.config.stash[JOB] = self._job
        tests.config.pluginmanager.register(self)
        self._session.on_answer = self._on_answer
        for number, (item, following) in enumerate(zip_longest(tests.items, tests.items[1:])):
            self.under_way, self.answered = suite.tests[number:], False
            if not (self.faults or self._is_spared(item)):
                self._tell()
                tests.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        self.under_way = ()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """One test, in place of pytest's own protocol."""
        started = time.monotonic()
        try:
            if self.lost:
                raise SandboxLost(self.lost)
            problem, detail = self._run(item, nextitem)
        except SandboxLost as lost:
            self.lost = str(lost)
            # Whose fault it was is not known here: the launcher finds out and fills it in.
            self.results.append(self._result(item, Verdict(Outcome.UNGRADED, ""), "", 0.0))
            return True
        match problem:
            case None:
                verdict = None
            case Verdict():
                verdict = problem
            case MemoryError() | Exceeded() if self.answered:
                verdict = too_dear(problem)
            case AssertionError() | pytest.fail.Exception() if self.answered:
                verdict = Verdict(Outcome.FAILED, "")
            case Exception() if self.answered and not isinstance(
                problem, pytest.skip.Exception | SuiteError
            ):
                verdict = Verdict(
                    Outcome.FAILED,
                    "The test could not use the value that your code returned "
                    f"({type(problem).__name__}).",
                )
            case _:
                self.faults.append(f"{item.nodeid}: {problem!r}\n{detail}")
                return True
        seconds = time.monotonic() - started
        self.results.append(self._result(item, verdict, detail[:_DETAIL], seconds))
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """The worker comes first; a submission that cannot be loaded ends the test here."""
        try:
            self._session.begin(self._seconds(item))
        except (MemoryError, Exceeded) as problem:  # by what a worker says of itself
            raise too_dear(problem) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        """Both sides cut short: pytest's own diff of a huge answer would take hours."""
        return [f"{saferepr(left)} {op} {saferepr(right)}"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember the first exception of setup, call and teardown."""
        with self._allowance.reserve():
            report = yield
            if call.excinfo is not None:
                problem = call.excinfo.value
                item.stash.setdefault(_PROBLEM, (problem, report.longreprtext))
                _forget_frames(problem)
            return report

    def _on_answer(self) -> None:
        if not self.answered:
            self.answered = True
            self._tell()

    def _is_spared(self, item: pytest.Item) -> bool:
        if self._job.training == "always" or item.get_closest_marker("training") is None:
            return False
        lost = any(result.outcome is not Outcome.PASSED for result in self.results)
        return lost or self._job.training == "never"

    def _seconds(self, item: pytest.Item) -> float:
        marker = item.get_closest_marker("limit")
        seconds: float = marker.kwargs["seconds"] if marker else self._job.limits.test_seconds
        return seconds

    def _run(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> tuple[BaseException | None, str]:
        """What ended the test, and pytest's words for it."""
        if self._verdict is not None:
            return self._verdict, ""
        try:
            with self._allowance.test(self._seconds(item)):
                runtestprotocol(item, log=False, nextitem=nextitem)
            problem, detail = item.stash.get(_PROBLEM, (None, ""))
        except (MemoryError, Exceeded) as between:  # within pytest
            problem, detail = between, ""
            item.session._setupstate.teardown_exact(nextitem)
        if isinstance(problem, SandboxLost):
            raise problem
        late = self._session.end()
        try:
            self._session.rule_out_gpu(problem or late)
        except Verdict as forged:
            problem = forged
        return problem or late, detail

    def _result(
        self, item: pytest.Item, verdict: Verdict | None, detail: str, seconds: float
    ) -> TestResult:
        test = self.under_way[0]
        lines: list[str] = item.stash.get(NOTES, [])
        notes = "\n".join(lines)
        told = [self._words.tell(verdict), few_digits(notes)] if verdict else [notes]
        return msgspec.structs.replace(
            test,
            outcome=verdict.outcome if verdict else Outcome.PASSED,
            message="\n".join(filter(None, told)),
            hint=test.hint if verdict else "",
            detail=detail,
            heatmap=self._drawings.draw(verdict.heatmap) if verdict else None,
            seconds=seconds,
        )


def _forget_frames(problem: BaseException | None) -> None:
    """What they hold would be taken from the memory of the next test."""
    while problem is not None:
        traceback.clear_frames(problem.__traceback__)
        problem = problem.__context__
