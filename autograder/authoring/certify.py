"""Proves a hidden suite: what must get all points, what must get none, what must lose some."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from autograder.authoring.lint import Finding
from autograder.core.results import Outcome, SubmissionResult, TestResult


class Kind(StrEnum):
    """What a case is there to prove."""

    SOLUTION = "solution"
    TEMPLATE = "template"
    TRIVIAL = "trivial answers"
    VARIANT = "correct variants"
    MUTANT = "mutants"
    BLIND = "blind mutants"


class Case(Struct, frozen=True, kw_only=True):
    """One submission of known quality."""

    kind: Kind
    name: str
    about: str = ""
    excuse: str = ""
    """Why no test can catch this blind mutant."""


class CaseResult(Struct, frozen=True, kw_only=True):
    """How the suite judged a case."""

    case: Case
    result: SubmissionResult

    @property
    def proved(self) -> bool:
        """The suite judged as it must."""
        result = self.result
        if result.outcome is Outcome.UNGRADED or not result.tests:
            return False
        match self.case.kind:
            case Kind.SOLUTION | Kind.VARIANT:
                return result.earned == result.points
            case Kind.TEMPLATE | Kind.TRIVIAL:
                return result.earned == 0
            case Kind.MUTANT:
                return result.earned < result.points
            case Kind.BLIND:
                return result.earned < result.points or bool(self.case.excuse)

    @property
    def killers(self) -> tuple[TestResult, ...]:
        """The tests that did not pass."""
        return tuple(t for t in self.result.tests if t.outcome is not Outcome.PASSED)

    @property
    def problem(self) -> str:
        """Why the case is not proved, in words; empty if it is."""
        result = self.result
        if self.proved:
            return ""
        if result.fault or result.rejection:
            return result.fault or result.rejection
        match self.case.kind:
            case Kind.SOLUTION | Kind.VARIANT:
                lost = "; ".join(f"{test.name}: {test.message}" for test in self.killers)
                return f"{result.earned:g} of {result.points:g} points: {lost}"
            case Kind.TEMPLATE | Kind.TRIVIAL:
                passed = [t.name for t in result.tests if t.outcome is Outcome.PASSED]
                return f"passes {', '.join(passed)}"
            case Kind.MUTANT | Kind.BLIND:
                return "survives: no test fails"


class Certificate(Struct, frozen=True, kw_only=True):
    """The judgement on a suite."""

    slug: str
    tests: int
    points: float
    cases: tuple[CaseResult, ...]
    seconds_per_submission: float
    """Median wall time of the reference solution."""
    findings: tuple[Finding, ...] = ()
    """Where the suite computes with values whose form it has not checked."""

    @property
    def proved(self) -> bool:
        """Every case is, and the lint finds nothing."""
        cases = all(case.proved for case in self.cases)
        return cases and self.points == 100 and not self.findings

    def of(self, kind: Kind) -> tuple[CaseResult, ...]:
        """The cases of one kind."""
        return tuple(case for case in self.cases if case.case.kind is kind)

    @property
    def flakes(self) -> int:
        """Tests that ended differently for the same solution under different seeds."""
        outcomes: dict[str, set[Outcome]] = {}
        for case in self.of(Kind.SOLUTION):
            for test in case.result.tests:
                outcomes.setdefault(test.name, set()).add(test.outcome)
        return sum(1 for seen in outcomes.values() if len(seen) > 1)

    @property
    def excused(self) -> int:
        """Blind mutants that survive for a reason."""
        return sum(1 for case in self.of(Kind.BLIND) if case.case.excuse and not case.killers)

    @property
    def idle_tests(self) -> tuple[str, ...]:
        """Tests that catch no mutant: what are they for?"""
        killers = {test.name for case in self.of(Kind.MUTANT) for test in case.killers}
        solution = self.of(Kind.SOLUTION)
        names = [test.name for test in solution[0].result.tests] if solution else []
        return tuple(name for name in names if name not in killers)


def certificate(
    slug: str, cases: Iterable[CaseResult], findings: tuple[Finding, ...] = ()
) -> Certificate:
    """Sum up judged cases, which come back in the order of their kinds and names, and the lint."""
    ordered = sorted(cases, key=lambda c: (list(Kind).index(c.case.kind), c.case.name))
    solutions = [case.result for case in ordered if case.case.kind is Kind.SOLUTION]
    return Certificate(
        slug=slug,
        tests=len(solutions[0].tests) if solutions else 0,
        points=solutions[0].points if solutions else 0,
        cases=tuple(ordered),
        seconds_per_submission=_median([result.seconds for result in solutions]),
        findings=findings,
    )


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
