"""Runs the cases of a certification through the same engine that grades students."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from autograder.authoring.blind import blind_mutants, read_equivalents
from autograder.authoring.certify import Case, CaseResult, Kind
from autograder.authoring.lint import Finding, lint
from autograder.authoring.mutants import mutate, read_mutants
from autograder.authoring.trivial import trivial_answers
from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.core.assignment import Assignment
from autograder.errors import ConfigurationError
from autograder.sandbox.base import Launcher
from autograder.submissions.intake import SourceFile, Submission, digest_of, read_submission
from autograder.submissions.rejection import Rejection
from autograder.suite.job import Training
from autograder.usecases.workspace import Workspace, suite_digest


class Certification(Struct, frozen=True, kw_only=True):
    """What has to be graded to prove a suite."""

    assignment: Assignment
    cases: tuple[tuple[Case, GradingJob], ...]
    findings: tuple[Finding, ...]
    """What the lint says of the suite."""


EQUIVALENTS = "equivalent.toml"
SAMPLE = 12
"""Of so many mutants a reduced certification takes one."""


def plan(
    workspace: Workspace, slug: str, seeds: int, reduced: bool = False, blind: int = 0
) -> Certification:
    """The cases of an assignment, so many blind mutants among them.

    Reduced, most mutants are left out, and the training of correct variants. Raises
    ConfigurationError where a file is missing or wrong.
    """
    assignment = workspace.assignment(slug)
    root = workspace.folder.parent
    solution = _solution(root / "solutions" / slug, assignment)
    text = solution[""]
    cases: list[tuple[Case, Submission, int]] = [
        (Case(kind=Kind.SOLUTION, name=f"seed {seed}"), _submission(assignment, solution), seed)
        for seed in range(seeds)
    ]
    home = root / "student_templates" / slug
    template = read_submission(home if assignment.main else home / f"{slug}.ipynb", assignment)
    if isinstance(template, Rejection):
        raise ConfigurationError(f"the template of {slug} is refused: {template.reason}")
    cases.append((Case(kind=Kind.TEMPLATE, name="template"), template, 0))
    answers = trivial_answers(text, assignment.requires, shaped=not assignment.main)
    for name, answer in answers.items():
        trivial = _submission(assignment, solution | {"": answer})
        cases.append((Case(kind=Kind.TRIVIAL, name=name), trivial, 0))
    for path in sorted((assignment.folder / "variants").glob("[!_.]*")):
        if path.suffix == ".py" or path.is_dir():
            variant = _submission(assignment, solution | _variant(path, assignment))
            cases.append((Case(kind=Kind.VARIANT, name=path.stem), variant, 0))
    mutants = read_mutants(assignment.folder / "mutants.toml")
    for mutant in mutants[:: SAMPLE if reduced else 1]:
        case = Case(kind=Kind.MUTANT, name=mutant.id, about=mutant.about)
        cases.append((case, _submission(assignment, mutate(solution, mutant)), 0))
    excuses = {(e.old, e.new): e.why for e in read_equivalents(assignment.folder / EQUIVALENTS)}
    for change in blind_mutants(text, blind):
        case = Case(
            kind=Kind.BLIND,
            name=change.name,
            about=f"{change.old}  →  {change.new}",
            excuse=excuses.get((change.old, change.new), ""),
        )
        cases.append((case, _submission(assignment, solution | {"": change.text}), 0))
    digest = suite_digest(assignment)
    return Certification(
        assignment=assignment,
        findings=lint_suite(assignment),
        cases=tuple(
            (
                case,
                GradingJob(
                    assignment=assignment,
                    submission=_named(submission, str(number)),
                    secret=f"certify {seed}".encode(),
                    suite_digest=digest,
                    training=_training(case, reduced),
                ),
            )
            for number, (case, submission, seed) in enumerate(cases)
        ),
    )


def run(certification: Certification, launcher: Launcher, parallel: int) -> Iterator[CaseResult]:
    """Judged cases as they finish."""
    jobs = [job for _, job in certification.cases]
    with LocalEngine(launcher, parallel) as engine:
        for result in engine.run(jobs):
            case, _ = certification.cases[int(result.student)]
            yield CaseResult(case=case, result=result)


def lint_suite(assignment: Assignment) -> tuple[Finding, ...]:
    """Where the hidden suite computes with a student's value before it has checked its form."""
    files = {
        path.relative_to(assignment.suite).as_posix(): _read(path)
        for path in sorted(assignment.suite.rglob("*.py"))
    }
    try:
        return lint(files)
    except SyntaxError as problem:
        raise ConfigurationError(f"the hidden suite of {assignment.slug}: {problem}") from problem


def _training(case: Case, reduced: bool) -> Training:
    match case.kind:
        case Kind.MUTANT | Kind.BLIND:
            return "unless lost"
        case Kind.SOLUTION:
            return "always"
        case _:
            return "never" if reduced else "always"


def _solution(folder: Path, assignment: Assignment) -> dict[str, str]:
    """The module under the empty name, and the other files that a submission has."""
    if not assignment.main:
        return {"": _read(folder / "solution.py")}
    return _variant(folder, assignment)


def _variant(path: Path, assignment: Assignment) -> dict[str, str]:
    """A module, or a folder with the main one and what it brings along."""
    if path.suffix == ".py":
        return {"": _read(path)}
    handed_in = read_submission(path, assignment)
    if isinstance(handed_in, Rejection):
        raise ConfigurationError(f"{path} is refused: {handed_in.reason}")
    return {
        "" if file.name == handed_in.entry else file.name: file.content.decode()
        for file in handed_in.files
    }


def _submission(assignment: Assignment, files: Mapping[str, str]) -> Submission:
    main = assignment.main or f"{assignment.slug}.py"
    contents = {name or main: text.encode() for name, text in files.items()}
    return Submission(
        student="",
        digest=digest_of(contents),
        files=tuple(
            SourceFile(name=name, content=content) for name, content in sorted(contents.items())
        ),
        entry=main,
    )


def _named(submission: Submission, student: str) -> Submission:
    return Submission(
        student=student,
        digest=submission.digest,
        files=submission.files,
        entry=submission.entry,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"{path} cannot be read ({problem}); `autograder build` makes it"
        ) from problem
