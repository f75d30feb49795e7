"""The pytest plugin of the examiner: markers, one worker per test, one TestResult per test."""

import inspect
import time
from collections.abc import Generator
from itertools import zip_longest

import pytest
from _pytest._io.saferepr import saferepr

# pytest-rerunfailures and others build on it too: pytest has no public way to run one item.
from _pytest.runner import runtestprotocol

from autograder.core.results import Outcome, TestResult
from autograder.errors import SuiteError
from autograder.suite.job import Job
from autograder.suite.session import Session
from autograder.suite.verdict import SandboxLost, Verdict

SESSION = pytest.StashKey[Session]()
JOB = pytest.StashKey[Job]()
NOTES = pytest.StashKey[list[str]]()
_PROBLEM = pytest.StashKey[tuple[BaseException, str]]()

_DETAIL = 8000


class ExaminerPlugin:
    """Runs each test against a fresh worker and turns its end into a TestResult."""

    def __init__(self, job: Job, session: Session, verdict: Verdict | None, lost: str) -> None:
        self._job = job
        self._session = session
        self._verdict = verdict
        """The end of every test, when the submission cannot even be loaded."""
        self.results: list[TestResult] = []
        self.faults: list[str] = []
        self.lost = lost

    def run(self, tests: pytest.Session) -> None:
        """Every test of the suite, in its order."""
        tests.config.stash[SESSION] = self._session
        tests.config.stash[JOB] = self._job
        tests.config.pluginmanager.register(self)
        for item, following in zip_longest(tests.items, tests.items[1:]):
            tests.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        """One test, in place of pytest's own protocol."""
        if self.faults or self._is_spared(item):
            return True
        started = time.monotonic()
        try:
            if self.lost:
                raise SandboxLost(self.lost)
            problem, detail, answered = self._run(item, nextitem)
        except SandboxLost as lost:
            self.lost = str(lost)
            # Whose fault it was is not known here: the launcher finds out and fills it in.
            self.results.append(_result(item, Verdict(Outcome.UNGRADED, ""), "", 0.0))
            return True
        match problem:
            case None:
                verdict = None
            case Verdict():
                verdict = problem
            case AssertionError() | pytest.fail.Exception() if answered:
                verdict = Verdict(Outcome.FAILED, "")
            case Exception() if answered and not isinstance(
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
        self.results.append(_result(item, verdict, detail[:_DETAIL], seconds))
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str]:
        """Both sides cut short: pytest's own diff of a huge answer would take hours."""
        return [f"{saferepr(left)} {op} {saferepr(right)}"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember the first exception of setup, call and teardown."""
        report = yield
        if call.excinfo is not None and _PROBLEM not in item.stash:
            item.stash[_PROBLEM] = (call.excinfo.value, report.longreprtext)
        return report

    def _is_spared(self, item: pytest.Item) -> bool:
        if self._job.training == "always" or item.get_closest_marker("training") is None:
            return False
        lost = any(result.outcome is not Outcome.PASSED for result in self.results)
        return lost or self._job.training == "never"

    def _run(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> tuple[BaseException | None, str, bool]:
        """What ended the test, pytest's words for it, whether the student's code had answered."""
        if self._verdict is not None:
            return self._verdict, "", True
        marker = item.get_closest_marker("limit")
        seconds = marker.kwargs["seconds"] if marker else self._job.limits.test_seconds
        answers = self._session.answers
        try:
            self._session.begin(seconds)
            answers = self._session.answers
            runtestprotocol(item, log=False, nextitem=nextitem)
            problem, detail = item.stash.get(_PROBLEM, (None, ""))
        except Verdict as early:
            problem, detail = early, ""
        if isinstance(problem, SandboxLost):
            raise problem
        late = self._session.end()
        self._session.rule_out_gpu(problem or late)
        return problem or late, detail, self._session.answers > answers


def _result(item: pytest.Item, verdict: Verdict | None, detail: str, seconds: float) -> TestResult:
    points = item.get_closest_marker("points")
    hint = item.get_closest_marker("hint")
    assert points is not None
    function = getattr(item, "function", None)
    words = item.name.removeprefix("test_").replace("_", " ")
    title = (inspect.getdoc(function) or words).splitlines()[0].strip()
    callspec = getattr(item, "callspec", None)
    told = [verdict.message] if verdict and verdict.message else []
    return TestResult(
        name=item.nodeid,
        title=f"{title} [{callspec.id}]" if callspec else title,
        points=float(points.args[0]),
        outcome=verdict.outcome if verdict else Outcome.PASSED,
        message="\n".join([*told, *item.stash.get(NOTES, [])]),
        hint=hint.args[0] if hint and verdict else "",
        detail=detail,
        heatmap=verdict.heatmap if verdict else None,
        seconds=seconds,
    )
