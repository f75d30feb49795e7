"""What the student's code may choose of one report's words: all of it is less than a double."""

import re
from math import log2

from autograder.suite.quoting import Form
from autograder.suite.verdict import Verdict

BITS = 57.0
"""For one result. With the check at which they are used up, one of a hundred, less than 64."""

_DIGITS = re.compile(r"(?:\D*\d){64}")


class Words:
    """Tells how tests ended, as long as that tells little enough of what the code was given.

    Of each exception the fullest form for which there are bits left is told. What was told before
    costs little: the checks of a suite often end by the same mistake.
    """

    def __init__(self, bits: float = BITS) -> None:
        self._left = bits
        self._told: set[str] = set()
        self._last = ""

    def tell(self, verdict: Verdict) -> str:
        """The message of the verdict that ends a test."""
        for form in verdict.forms:
            bits = self._bits(form)
            if bits <= self._left:
                self._left -= bits
                self._told |= {part.text for part in form}
                self._last = "".join(part.text for part in form)
                return self._last
        if verdict.forms:
            self._left = 0.0  # else silence would be one more thing to choose, for nothing
        return few_digits(verdict.message)

    def _bits(self, form: Form) -> float:
        """In three of four cases it is expected to be what was told last."""
        if not self._told:
            return sum(part.bits for part in form)
        if "".join(part.text for part in form) == self._last:
            return -log2(3 / 4)
        return 2 + sum(
            1 + (log2(len(self._told)) if part.text in self._told else part.bits) for part in form
        )


def few_digits(text: str) -> str:
    """The text up to its 64th digit: a suite may have listed numbers that student code returned."""
    found = _DIGITS.match(text)
    return f"{found[0]}…" if found and found.end() < len(text) else text
