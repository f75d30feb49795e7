"""How a test ends because of the student's code; raised inside a test, caught by the plugin."""

from typing import NoReturn

from autograder.core.results import Heatmap, Outcome
from autograder.suite.quoting import Form

_LONGEST = 6000


class Verdict(Exception):
    """The end of one test, with words that are safe to show to the student."""

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        heatmap: Heatmap | None = None,
        detail: str = "",
        forms: tuple[Form, ...] = (),
        exceptions: tuple[str, ...] = (),
    ) -> None:
        self.message = message[:_LONGEST]
        # The exception's own text is what pytest tells the instructor.
        super().__init__(detail[:_LONGEST] or self.message)
        self.outcome = outcome
        self.heatmap = heatmap
        self.forms = forms
        """Fuller messages that quote the student's code, the fullest first: see Words.tell."""
        self.exceptions = exceptions
        """What the student's code raised, if this is why: its class and the bases of that."""


class SandboxLost(Exception):
    """The agent hung up or stopped answering: whose fault it was is for the launcher to say."""


def fail(message: str) -> NoReturn:
    """End the test as failed; the student reads the message, so it must not tell a hidden input."""
    raise Verdict(Outcome.FAILED, message)
