"""A result in a terminal reads like a sentence and obeys nobody."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from autograder.core.results import Outcome
from autograder.reports.terminal import render_submission


def _printed(submission, width: int = 90) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=False, color_system=None)
    console.print(render_submission(submission))
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def test_a_result_shows_score_counts_and_what_failed(build) -> None:
    failed = build.test(
        "t2",
        title="Linear: gradient of b",
        outcome=Outcome.FAILED,
        message="grad_b[2]  yours −0.0831\nLooks like: averaged over the batch",
        hint="Which operation broadcast b?",
    )
    slow = build.test("t3", title="Large batch", outcome=Outcome.TIMEOUT, points=2.0)
    text = _printed(build.submission(attempt=2, tests=(build.test(), failed, slow)))
    assert text.splitlines() == [
        "p1-layers · attempt 2 · 4 / 10 · isolated: docker",
        "  ✔ 1 check passed      ✘ 1 failed      ⏱ 1 over its time limit",
        "",
        "  ✘ Linear: gradient of b" + " " * 60 + "0 / 4",
        "    grad_b[2]  yours −0.0831",
        "    Looks like: averaged over the batch",
        "    Hint: Which operation broadcast b?",
        "",
        "  ⏱ Large batch" + " " * 70 + "0 / 2",
        "    over its time limit",
    ]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"isolation": "local"}, "accident protection only"),
        ({"fault": "no engine at /var/run"}, "not graded, by no fault of the student"),
        ({"rejection": "not a notebook"}, "rejected: not a notebook"),
        ({"notes": ("2 cells were left out",)}, "Note: 2 cells were left out"),
        ({"mark": 6.0, "mark_note": "overridden: see mail"}, "counts as 6: overridden: see mail"),
    ],
)
def test_what_is_unusual_is_said(build, about, words: str) -> None:
    assert words in _printed(build.submission(**about), width=200)


def test_our_own_fault_is_not_explained_to_a_student(build) -> None:
    assert "/var/run" not in _printed(build.submission(fault="no engine at /var/run"))


@given(st.text(st.characters(), min_size=1, max_size=80))
def test_student_text_sends_no_control_character_and_no_markup(build, text: str) -> None:
    hostile = build.test(outcome=Outcome.FAILED, message=text + "[red]x[/red]", hint=text)
    printed = _printed(build.submission(tests=(hostile,), notes=(text,)), width=2000)
    assert all(unicodedata.category(c) != "Cc" for c in printed.replace("\n", "").replace("\t", ""))
    assert "[red]x[/red]" in printed


def test_student_text_never_begins_a_line(build) -> None:
    hostile = build.test(outcome=Outcome.FAILED, message="a\n::add-mask::b", hint="c\n::stop::d")
    printed = _printed(build.submission(tests=(hostile,), notes=("e\n::warning::f",)))
    assert not any(line.startswith(":") for line in printed.splitlines())
