"""What a project says that it measured, and whether a new run of it says the same.

metrics.json:

    {"paper": "On large-batch training", "seed": 7,
     "claims": [{"id": "gap", "statement": "…", "value": 0.041, "tolerance": 0.02}]}
"""

from collections import Counter
from math import isfinite
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

MOST_BYTES = 100_000

_Text = Annotated[str, Meta(min_length=1, max_length=2000)]
_Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class Claim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number, and how far another seed may take it."""

    id: _Id
    statement: _Text
    value: float
    tolerance: Annotated[float, Meta(ge=0)]


class Metrics(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A metrics.json."""

    paper: _Text
    seed: int
    claims: Annotated[tuple[Claim, ...], Meta(min_length=1, max_length=50)]


class ClaimVerdict(Struct, frozen=True, kw_only=True):
    """What became of one claim in the new run."""

    id: str
    outcome: Literal["reproduced", "mismatch", "missing"]
    claimed: float
    measured: float | None
    tolerance: float

    def describe(self) -> str:
        """In words, with the numbers."""
        if self.measured is None:
            return f"{self.id}: claimed {self.claimed:g}, missing in the new run"
        sign = "=" if self.outcome == "reproduced" else "≠"
        return (
            f"{self.id}: claimed {self.claimed:g} ± {self.tolerance:g} {sign} measured "
            f"{self.measured:g}"
        )


def parse_metrics(content: bytes) -> Metrics | str:
    """The metrics in a metrics.json, or what is wrong with it, in words for the student."""
    if len(content) > MOST_BYTES:
        return f"metrics.json has {len(content):,} bytes; at most {MOST_BYTES:,} are read"
    try:
        metrics = msgspec.json.decode(content, type=Metrics)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        return f"metrics.json does not follow the schema: {str(problem)[:300]}"
    counts = Counter(claim.id for claim in metrics.claims)
    twice = [id for id, count in counts.items() if count > 1]
    if twice:
        return f"metrics.json has more than one claim {twice[0]!r}"
    if not all(isfinite(claim.value) and isfinite(claim.tolerance) for claim in metrics.claims):
        return "metrics.json has a number that is infinite"
    return metrics


def compare_claims(claimed: Metrics, measured: Metrics) -> tuple[ClaimVerdict, ...]:
    """Each claim against the new run: reproduced when it lies within the claim's own tolerance."""
    found = {claim.id: claim.value for claim in measured.claims}
    verdicts = []
    for claim in claimed.claims:
        value = found.get(claim.id)
        outcome: Literal["reproduced", "mismatch", "missing"] = "missing"
        if value is not None:
            outcome = "reproduced" if abs(value - claim.value) <= claim.tolerance else "mismatch"
        verdicts.append(
            ClaimVerdict(
                id=claim.id,
                outcome=outcome,
                claimed=claim.value,
                measured=value,
                tolerance=claim.tolerance,
            )
        )
    return tuple(verdicts)
