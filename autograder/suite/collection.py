"""A hidden suite as pytest collects it: once, for all submissions that are examined with it."""

import inspect
import os
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from msgspec import Struct

from autograder.core.results import Outcome, TestResult

_MARKERS = (
    "points(n): what the test is worth",
    "hint(text): shown to the student when the test does not pass",
    "limit(seconds): the student's time in this test, instead of the assignment's test_seconds",
    "training: takes long; runs after all others",
)
# They write files, capture output that nobody reads, or collect garbage at the end of each run.
_UNUSED_PLUGINS = (
    *("cacheprovider", "terminal", "capture", "logging", "faulthandler", "debugging"),
    *("unraisableexception", "threadexception", "junitxml", "pastebin", "doctest"),
)


class Suite(Struct, frozen=True, kw_only=True):
    """Hidden tests, ready to be run; or in words why there are none."""

    session: pytest.Session | None = None
    tests: tuple[TestResult, ...] = ()
    """Each of its tests, in their order and as yet ungraded."""
    faults: tuple[str, ...] = ()


def collect(folder: str, use: Callable[[Suite], None]) -> None:
    """Collect the folder's tests and call `use` with them, once; pytest stays set up meanwhile.

    With nothing of its surroundings: no config file, plugin, cache or byte code.
    """
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = [
        folder,
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        *("-c", os.devnull, "--import-mode=importlib", "--strict-markers"),
        "--assert=plain",  # rewriting takes longer than the rest of the collection
        *("-p", "autograder.suite.fixtures"),
        *(part for plugin in _UNUSED_PLUGINS for part in ("-p", f"no:{plugin}")),
    ]
    collector = _Collector(use)
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = pytest.main(arguments, plugins=[collector])
        if not collector.done:
            words = f"pytest ended with code {int(code)}: {output.getvalue()[-2000:]}"
            use(Suite(faults=(words,)))


class _Collector:
    """A pytest plugin that hands the collected tests on, in place of running them."""

    def __init__(self, use: Callable[[Suite], None]) -> None:
        self.done = False
        self._use = use
        self._faults: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.tbstyle = "native"  # pytest's own parses the test's file in every fork
        for marker in _MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Every test says what it is worth; those that train come last."""
        items.sort(key=lambda item: item.get_closest_marker("training") is not None)
        for item in items:
            marker = item.get_closest_marker("points")
            points = marker.args[0] if marker and len(marker.args) == 1 else None
            if not isinstance(points, int | float) or not points > 0:
                self._faults.append(f"{item.nodeid} needs @pytest.mark.points(n) with n > 0")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be collected is our fault."""
        if report.failed:
            self._faults.append(f"{report.nodeid}: {report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.done = True
        if not (session.items or self._faults):
            self._faults.append("the suite has no tests")
        tests = () if self._faults else tuple(map(_ungraded, session.items))
        self._use(Suite(session=session, tests=tests, faults=tuple(self._faults)))
        return True


def _ungraded(item: pytest.Item) -> TestResult:
    points, hint = item.get_closest_marker("points"), item.get_closest_marker("hint")
    assert points is not None
    words = item.name.removeprefix("test_").replace("_", " ")
    title = (inspect.getdoc(getattr(item, "function", None)) or words).splitlines()[0].strip()
    callspec = getattr(item, "callspec", None)
    return TestResult(
        name=item.nodeid,
        title=f"{title} [{callspec.id}]" if callspec else title,
        points=float(points.args[0]),
        outcome=Outcome.UNGRADED,
        hint=hint.args[0] if hint else "",
    )
