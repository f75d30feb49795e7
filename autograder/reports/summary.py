"""What a cohort's results say about an assignment and about its suite."""

import re
from collections import Counter, defaultdict
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from autograder.core.results import Outcome, Provenance, SubmissionResult, TestResult
from autograder.reports.model import AssignmentReport
from autograder.reports.outcomes import WORDING, count
from autograder.reports.text import cut

_NUMBER = re.compile(r"\d+(?:[./]\d+)*")
DIAGNOSIS = "Looks like: "
"""How the line of a failure message begins that names the mistake."""


class PassRate(Struct, frozen=True, kw_only=True):
    """How many of the graded submissions pass one test."""

    name: str
    title: str
    points: float
    passed: int
    total: int

    @property
    def suspicion(self) -> str:
        """Why an author should look at the test: it tells two students apart in neither case."""
        if self.total < 2 or 0 < self.passed < self.total:
            return ""
        return "nobody failed" if self.passed else "everybody failed"


class Mistake(Struct, frozen=True, kw_only=True):
    """A mistake, how many students made it, and the tests that showed it."""

    diagnosis: str
    students: int
    titles: tuple[str, ...]


class Summary(Struct, frozen=True, kw_only=True):
    """One assignment over all students; scores are shares in [0, 1] of the points."""

    outcomes: tuple[tuple[Outcome, int], ...]
    isolation: tuple[tuple[str, int], ...]
    provenance: tuple[Provenance, ...]
    """The distinct ones, apart from isolation."""
    scores: tuple[float, ...]
    median: float | None
    below_half: int
    rates: tuple[PassRate, ...]
    mistakes: tuple[Mistake, ...]


class Group(Struct, frozen=True, kw_only=True):
    """The tests of one file of the suite, with the points won and winnable."""

    title: str
    tests: tuple[TestResult, ...]
    earned: float
    points: float


def summarise(assignment: AssignmentReport) -> Summary:
    """Count, rank and group the results of one assignment.

    Rejected and ungraded submissions are counted as such and enter neither the distribution nor
    the pass rates.
    """
    results = [submission.result for submission in assignment.submissions]
    scored = [s.result for s in assignment.submissions if s.graded]
    scores = tuple(r.earned / r.points if r.points else 0.0 for r in scored)
    return Summary(
        outcomes=count(result.outcome for result in results),
        isolation=tuple(sorted(Counter(r.provenance.isolation for r in results).items())),
        provenance=tuple(dict.fromkeys(replace(r.provenance, isolation="") for r in results)),
        scores=scores,
        median=median(scores) if scores else None,
        below_half=sum(score < 0.5 for score in scores),
        rates=_rates(scored),
        mistakes=_mistakes(scored),
    )


def _rates(results: list[SubmissionResult]) -> tuple[PassRate, ...]:
    tests = defaultdict(list)
    for result in results:
        for test in result.tests:
            tests[test.name].append(test)
    return tuple(
        PassRate(
            name=name,
            title=same[-1].title,
            points=same[-1].points,
            passed=sum(test.outcome is Outcome.PASSED for test in same),
            total=len(same),
        )
        for name, same in tests.items()
    )


def diagnosis(test: TestResult) -> str:
    """The mistake that a test which did not pass shows; empty if none is known."""
    if test.outcome is Outcome.PASSED:
        return ""
    if test.outcome is not Outcome.FAILED:
        return WORDING[test.outcome].test
    for line in test.message.splitlines():
        if line.strip().startswith(DIAGNOSIS):
            return cut(line.strip().removeprefix(DIAGNOSIS), 200)
    return ""


def _mistakes(results: list[SubmissionResult]) -> tuple[Mistake, ...]:
    students: dict[str, set[str]] = defaultdict(set)
    titles: dict[str, dict[str, None]] = defaultdict(dict)
    words: dict[str, set[str]] = defaultdict(set)
    for result in results:
        for test in result.tests:
            if found := diagnosis(test):
                # 1/5 in one test and 1/6 in another are one mistake: batches differ in size.
                mistake = _NUMBER.sub("…", found)
                words[mistake].add(found)
                students[mistake].add(result.student)
                titles[mistake][test.title.rstrip(".")] = None
    ranked = sorted(students, key=lambda mistake: (-len(students[mistake]), mistake))
    return tuple(
        Mistake(
            diagnosis=mistake if len(words[mistake]) > 1 else min(words[mistake]),
            students=len(students[mistake]),
            titles=tuple(titles[mistake]),
        )
        for mistake in ranked
    )


def groups(tests: tuple[TestResult, ...]) -> tuple[Group, ...]:
    """Tests by the file they stand in: `test_softmax_loss.py::test_shift` is of "Softmax loss"."""
    files: dict[str, list[TestResult]] = defaultdict(list)
    for test in tests:
        files[test.name.partition("::")[0]].append(test)
    return tuple(
        Group(
            title=_title(file),
            tests=tuple(members),
            earned=sum(test.earned for test in members),
            points=sum(test.points for test in members),
        )
        for file, members in files.items()
    )


def _title(file: str) -> str:
    stem = file.rpartition("/")[2].removesuffix(".py").removeprefix("test_")
    return stem.replace("_", " ").capitalize()
