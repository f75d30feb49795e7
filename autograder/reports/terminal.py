"""One student's result in a terminal; nothing a student wrote can move the cursor or a colour."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.core.results import Outcome, TestResult
from autograder.reports.model import Submission
from autograder.reports.outcomes import WORDING, count, isolation
from autograder.reports.text import cut, number, visible

__all__ = ["render_submission", "visible"]

_COLOUR = {"good": "green", "bad": "red", "slow": "yellow", "none": "magenta"}


def render_submission(submission: Submission) -> RenderableType:
    """A heading, the counts per outcome, then each test that did not pass with its message."""
    result = submission.result
    heading = [visible(result.assignment), f"attempt {submission.attempt}"]
    if submission.graded:
        heading.append(f"{number(result.earned)} / {number(result.points)}")
    heading.append(f"isolated: {isolation(result.provenance.isolation)}")
    parts: list[RenderableType] = [Text(" · ".join(heading), style="bold")]
    if result.fault:
        parts.append(_indented(2, "☁ not graded, by no fault of the student", "magenta"))
    elif result.rejection:
        parts.append(_indented(2, f"⚠ rejected: {_told(result.rejection)}", "yellow"))
    else:
        parts.append(_counts(result.tests))
        if submission.mark_note:
            mark = "pending" if submission.mark is None else number(submission.mark)
            parts.append(_indented(2, f"counts as {mark}: {_told(submission.mark_note)}"))
        parts += [
            part
            for test in result.tests
            if test.outcome is not Outcome.PASSED
            for part in _test(test)
        ]
    parts += [_indented(2, f"Note: {_told(note)}") for note in result.notes]
    return Group(*parts)


def _counts(tests: tuple[TestResult, ...]) -> RenderableType:
    line = Text()
    for outcome, times in count(test.outcome for test in tests):
        wording = WORDING[outcome]
        noun = (" checks" if times > 1 else " check") if not line else ""
        line.append("      " if line else "")
        line.append(wording.sign, style=_COLOUR[wording.kind])
        line.append(f" {times}{noun} {wording.test}")
    return Padding(line, (0, 0, 0, 2))


def _test(test: TestResult) -> list[RenderableType]:
    wording = WORDING[test.outcome]
    title = Text(f"{wording.sign} ", style=_COLOUR[wording.kind])
    title.append(visible(cut(test.title, 300)), style="bold default")
    line = Table.grid(expand=True, padding=(0, 2, 0, 0))
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True)
    line.add_row(title, f"{number(test.earned)} / {number(test.points)}")
    parts: list[RenderableType] = [Text(), Padding(line, (0, 0, 0, 2))]
    if test.outcome is not Outcome.FAILED:
        parts.append(_indented(4, wording.test, _COLOUR[wording.kind]))
    if test.message:
        parts.append(_indented(4, _told(test.message)))
    if test.hint:
        parts.append(_indented(4, f"Hint: {_told(test.hint)}", "italic"))
    return parts


def _told(text: str) -> str:
    return visible(cut(text), multiline=True)


def _indented(columns: int, text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style=style), (0, 0, 0, columns))
