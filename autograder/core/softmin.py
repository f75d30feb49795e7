"""The course grade: softmin weights over components, rounding, exemption, the exam.

    s_i = c_i · exp(−O_i / T)        w_i = s_i / Σ s_j        accumulated = round(Σ w_i · O_i)
    final = round((1 − e) · accumulated + e · exam)

O_i is the mark of component i in [0, scale], c_i its constant, T the temperature in points of the
scale, e the exam's weight. A weaker component weighs more.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import exp, fsum

from msgspec import Struct

NOISE = Decimal("1e-9")
"""Float error is taken off at this digit first, so that an exact 6.5 is never seen as 6.4999…"""


class Formula(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of the course grade; all marks and thresholds are in points of `scale`."""

    constants: dict[str, float]
    """c_i by component, positive."""
    temperature: float = 20.0
    scale: float = 10.0
    digits: int = 0
    """Digits after the decimal point that rounding keeps."""
    exam_weight: float = 0.3
    exemption: float | None = 6.0
    """The rounded accumulated grade from which the exam may be skipped; None: never."""


class Share(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One component's part in the accumulated grade."""

    component: str
    constant: float
    mark: float
    s: float
    weight: float
    one_more_point: float
    """What one more point here, or the rest up to the scale, adds to the unrounded grade."""

    @property
    def contribution(self) -> float:
        """w_i · O_i, points."""
        return self.weight * self.mark


class Explanation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one student's course grade came about."""

    formula: Formula
    shares: tuple[Share, ...]
    raw: float
    """Σ w_i · O_i before rounding."""
    accumulated: float
    exempt: bool
    """The exam may be skipped."""
    exam: float | None
    """The mark of the exam that was sat; None: not sat."""
    exam_used: float | None
    """What stands for the exam; None: pending."""
    final_raw: float | None
    """The final grade before rounding."""
    final: float | None
    """None: the exam is pending."""


def weights(
    marks: Mapping[str, float], constants: Mapping[str, float], temperature: float
) -> dict[str, float]:
    """Softmin weights by component: they sum to 1.

    Raises `ValueError` if marks and constants do not name the same components.
    """
    if marks.keys() != constants.keys():
        raise ValueError(f"marks of {sorted(marks)}, but constants of {sorted(constants)}")
    # Shifted by the weakest mark, the largest exponent is 0: no T > 0 under- or overflows the sum.
    weakest = min(marks.values())
    s = {name: c * exp((weakest - marks[name]) / temperature) for name, c in constants.items()}
    total = fsum(s.values())
    return {name: value / total for name, value in s.items()}


def weighted_mean(
    marks: Mapping[str, float], constants: Mapping[str, float], temperature: float
) -> float:
    """The accumulated grade before rounding, Σ w_i · O_i, between the least and greatest mark."""
    weakest = min(marks.values())
    return weakest + fsum(
        weight * (marks[name] - weakest)
        for name, weight in weights(marks, constants, temperature).items()
    )


def round_half_up(value: float | Decimal, digits: int = 0) -> float:
    """The decimal nearest to `value` with so many digits after the point; halves go up."""
    step = Decimal(1).scaleb(-digits)
    return float(_decimal(value).quantize(NOISE, ROUND_HALF_UP).quantize(step, ROUND_HALF_UP))


def accumulated(marks: Mapping[str, float], formula: Formula) -> float:
    """The rounded accumulated grade."""
    mean = weighted_mean(marks, formula.constants, formula.temperature)
    return round_half_up(mean, formula.digits)


def is_exempt(accumulated: float, *, submitted: bool, formula: Formula) -> bool:
    """Whether the exam may be skipped: grade at the threshold, and the required work submitted."""
    return submitted and formula.exemption is not None and accumulated >= formula.exemption


def standing_exam(
    accumulated: float, exam: float | None, *, submitted: bool, formula: Formula
) -> float | None:
    """What stands for the exam: its mark, else the accumulated grade if exempt, else None."""
    if exam is None and is_exempt(accumulated, submitted=submitted, formula=formula):
        return accumulated
    return exam


def final_before_rounding(accumulated: float, exam: float, formula: Formula) -> Decimal:
    """(1 − e) · accumulated + e · exam in decimal arithmetic, free of float error."""
    e = _decimal(formula.exam_weight)
    return (1 - e) * _decimal(accumulated) + e * _decimal(exam)


def final(accumulated: float, exam: float | None, formula: Formula) -> float | None:
    """The rounded final grade; None while nothing stands for the exam: pending, not a zero."""
    if exam is None:
        return None
    return round_half_up(final_before_rounding(accumulated, exam, formula), formula.digits)


def explain(
    marks: Mapping[str, float], *, exam: float | None, submitted: bool, formula: Formula
) -> Explanation:
    """The course grade with every number that leads to it.

    `submitted`: the components that the exemption asks for (the project) have been handed in.
    """
    constants, T = formula.constants, formula.temperature
    w = weights(marks, constants, T)
    raw = weighted_mean(marks, constants, T)

    def gain(name: str) -> float:
        step = min(1.0, max(0.0, formula.scale - marks[name]))
        return weighted_mean({**marks, name: marks[name] + step}, constants, T) - raw

    shares = tuple(
        Share(
            component=name,
            constant=constant,
            mark=marks[name],
            s=constant * exp(-marks[name] / T),
            weight=w[name],
            one_more_point=gain(name),
        )
        for name, constant in constants.items()
    )
    grade = round_half_up(raw, formula.digits)
    used = standing_exam(grade, exam, submitted=submitted, formula=formula)
    return Explanation(
        formula=formula,
        shares=shares,
        raw=raw,
        accumulated=grade,
        exempt=is_exempt(grade, submitted=submitted, formula=formula),
        exam=exam,
        exam_used=used,
        final_raw=None if used is None else float(final_before_rounding(grade, used, formula)),
        final=final(grade, used, formula),
    )


def _decimal(value: float | Decimal) -> Decimal:
    """The shortest decimal that means the float: 0.15, not 0.1499999999999999944."""
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))
