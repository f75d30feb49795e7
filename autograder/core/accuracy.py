"""Decides whether a model reaches an accuracy, from finitely many held-out objects."""

from math import sqrt
from typing import Literal

from msgspec import Struct

Z = 1.959964
"""Quantile of the normal distribution that leaves 2.5 % on either side: 95 % bounds."""


class AccuracyVerdict(Struct, frozen=True, kw_only=True):
    """Right predictions among all, over one or more training runs."""

    correct: int
    total: int
    threshold: float
    decision: Literal["reached", "missed", "open"]
    """`open` while the threshold lies between the bounds: another run may tell."""

    @property
    def estimate(self) -> float:
        """The share of right predictions."""
        return self.correct / self.total

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper 95 % confidence bound."""
        return wilson(self.correct, self.total)

    def describe(self, what: str = "accuracy") -> str:
        """Estimate, bounds and threshold in words."""
        lower, upper = self.bounds
        return (
            f"{what} {self.estimate:.4f} ({self.correct} of {self.total}; 95 % bounds {lower:.4f} "
            f"to {upper:.4f}), threshold {self.threshold:g}"
        )


def judge(correct: int, total: int, threshold: float) -> AccuracyVerdict:
    """Reached when the lower bound is at the threshold or above, missed when the upper is below."""
    lower, upper = wilson(correct, total)
    decision: Literal["reached", "missed", "open"] = "open"
    if lower >= threshold:
        decision = "reached"
    elif upper < threshold:
        decision = "missed"
    return AccuracyVerdict(correct=correct, total=total, threshold=threshold, decision=decision)


def wilson(correct: int, total: int, z: float = Z) -> tuple[float, float]:
    """Bounds of a binomial proportion by the score test.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927). Raises ValueError unless
    0 ≤ correct ≤ total and total > 0.
    """
    if not 0 <= correct <= total or total == 0:
        raise ValueError(f"{correct} of {total} is no share")
    share, weight = correct / total, z * z / total
    centre = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    return max(centre - half, 0.0), min(centre + half, 1.0)
