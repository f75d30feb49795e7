"""How each outcome is called, marked and coloured; the mark and the words never need the colour."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from autograder.core.results import Outcome

ISOLATION = {
    "docker": "docker",
    "local": "local (accident protection only, no defence against hostile code)",
    "local (bubblewrap)": "local, in namespaces (accident protection only, no defence against "
    "hostile code)",
}


class Wording(Struct, frozen=True, kw_only=True):
    """One outcome's sign and words."""

    sign: str
    icon: str
    """The sign as the data of an SVG path, drawn by strokes in a square of side 16."""
    kind: str
    """The class that colours it."""
    test: str
    """Of tests, as it continues "3 checks …"."""
    submission: str
    """Of a submission whose gravest outcome it is."""


WORDING: dict[Outcome, Wording] = {
    Outcome.PASSED: Wording(
        sign="✔",
        icon="M3 8.5 6.5 12 13 4.5",
        kind="good",
        test="passed",
        submission="everything passed",
    ),
    Outcome.FAILED: Wording(
        sign="✘",
        icon="M4 4l8 8M12 4l-8 8",
        kind="bad",
        test="failed",
        submission="some checks failed",
    ),
    Outcome.ERROR: Wording(
        sign="!",
        icon="M8 2.5v7M8 13v.1",
        kind="bad",
        test="ended in an error",
        submission="some checks ended in an error",
    ),
    Outcome.TIMEOUT: Wording(
        sign="⏱",
        icon="M8 2a6 6 0 1 0 .01 0zM8 5v3l2 1.5",
        kind="slow",
        test="over its time limit",
        submission="some checks over the time limit",
    ),
    Outcome.OUT_OF_MEMORY: Wording(
        sign="▣",
        icon="M3 5h10v6H3zM5.5 5V3M10.5 5V3M5.5 13v-2M10.5 13v-2",
        kind="slow",
        test="over its memory limit",
        submission="some checks over the memory limit",
    ),
    Outcome.CRASHED: Wording(
        sign="✖",
        icon="M9.5 1.5 4 9h4l-1.5 5.5L12 7H8z",
        kind="bad",
        test="crashed",
        submission="some checks crashed",
    ),
    Outcome.PROTOCOL_VIOLATION: Wording(
        sign="⚑",
        icon="M4 14V2.5h8l-2 3 2 3H4",
        kind="bad",
        test="sent an unreadable answer",
        submission="some checks sent an unreadable answer",
    ),
    Outcome.REJECTED: Wording(
        sign="⚠",
        icon="M8 2l6.5 12h-13zM8 6.5v3M8 11.7v.1",
        kind="slow",
        test="rejected",
        submission="rejected",
    ),
    Outcome.UNGRADED: Wording(
        sign="☁",
        icon="M5 12.5h6.5a2.8 2.8 0 0 0 .3-5.6A4 4 0 0 0 4.2 7.6 2.5 2.5 0 0 0 5 12.5z",
        kind="none",
        test="not graded, by no fault of the student",
        submission="not graded, by no fault of the student",
    ),
}


def count(outcomes: Iterable[Outcome]) -> tuple[tuple[Outcome, int], ...]:
    """How often each outcome occurs, mild ones first; those that do not occur are left out."""
    counts = Counter(outcomes)
    return tuple((outcome, counts[outcome]) for outcome in Outcome if counts[outcome])


def isolation(level: str) -> str:
    """The isolation stamp in words; anything but docker is called weak."""
    return ISOLATION.get(level, f"{level} (unknown: do not rely on it)")
