"""The course grade by the softmin formula, checked against numbers worked by hand."""

from decimal import Decimal
from math import exp, inf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.core.monotonicity import is_monotone
from autograder.core.softmin import (
    Formula,
    accumulated,
    explain,
    final,
    is_exempt,
    round_half_up,
    standing_exam,
    weighted_mean,
    weights,
)

C = {"seminars": 0.2, "practicals": 0.3, "project": 0.5}
COURSE = Formula(constants=C)


def marks(*values: float) -> dict[str, float]:
    return dict(zip(C, values, strict=True))


@st.composite
def components(draw: st.DrawFn) -> tuple[dict[str, float], dict[str, float]]:
    """Marks in [0, 10] and positive constants of 1 to 6 components with any names."""
    names = draw(st.lists(st.text(), min_size=1, max_size=6, unique=True))
    values = st.lists(st.floats(0, 10), min_size=len(names), max_size=len(names))
    constants = st.lists(st.floats(0.01, 1), min_size=len(names), max_size=len(names))
    return dict(zip(names, draw(values), strict=True)), dict(
        zip(names, draw(constants), strict=True)
    )


temperatures = st.floats(1e-3, 1e6)


@pytest.mark.parametrize(
    ("values", "raw"),
    [((10, 10, 10), 10), ((10, 10, 0), 3.775), ((0, 10, 10), 7.081), ((4, 6, 8), 6.475)],
)
def test_the_formula_gives_the_numbers_of_the_course(values: tuple[float, ...], raw: float) -> None:
    assert round(weighted_mean(marks(*values), C, 20), 3) == raw


def test_the_mean_is_the_plain_formula() -> None:
    s = [0.2 * exp(-4 / 20), 0.3 * exp(-6 / 20), 0.5 * exp(-8 / 20)]
    assert weights(marks(4, 6, 8), C, 20) == pytest.approx(marks(*(v / sum(s) for v in s)))
    expected = (4 * s[0] + 6 * s[1] + 8 * s[2]) / sum(s)
    assert weighted_mean(marks(4, 6, 8), C, 20) == pytest.approx(expected, rel=1e-14)


@given(components(), temperatures)
def test_weights_sum_to_one(case: tuple[dict[str, float], dict[str, float]], T: float) -> None:
    assert sum(weights(*case, T).values()) == pytest.approx(1, abs=1e-12)


@given(components(), temperatures)
def test_the_grade_lies_between_the_least_and_the_greatest_mark(
    case: tuple[dict[str, float], dict[str, float]], T: float
) -> None:
    low, high = min(case[0].values()), max(case[0].values())
    assert low <= weighted_mean(*case, T) <= high + 1e-12


@given(components(), temperatures, st.randoms())
def test_the_order_of_components_does_not_matter(
    case: tuple[dict[str, float], dict[str, float]], T: float, random: object
) -> None:
    names = list(case[0])
    random.shuffle(names)  # type: ignore[attr-defined]
    shuffled = weights(
        {name: case[0][name] for name in names}, {name: case[1][name] for name in names}, T
    )
    assert shuffled == pytest.approx(weights(*case, T), abs=1e-15)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.1, 1e3))
def test_of_two_components_with_equal_constants_the_weaker_weighs_more(
    a: float, b: float, T: float
) -> None:
    assume(abs(a - b) > 1e-6 * T)
    w = weights({"a": a, "b": b}, {"a": 0.5, "b": 0.5}, T)
    assert (w["a"] > w["b"]) == (a < b)


@given(components(), temperatures, st.data())
def test_a_better_mark_never_lowers_the_grade_where_the_temperature_is_accepted(
    case: tuple[dict[str, float], dict[str, float]], T: float, data: st.DataObject
) -> None:
    before, constants = case
    assume(is_monotone(constants, T, 10))
    name = data.draw(st.sampled_from(list(before)))
    after = {**before, name: data.draw(st.floats(before[name], 10))}
    assert weighted_mean(after, constants, T) >= weighted_mean(before, constants, T) - 1e-12


@pytest.mark.parametrize(
    ("T", "weakest"), [(5e-324, 1.0), (1e-300, 1.0), (1e-9, 1.0), (1e300, 0.2), (inf, 0.2)]
)
def test_no_positive_temperature_breaks_the_weights(T: float, weakest: float) -> None:
    """Cold: the weakest component takes all. Hot: the constants are the weights."""
    w = weights(marks(0, 5, 10), C, T)
    assert sum(w.values()) == pytest.approx(1)
    assert w["seminars"] == pytest.approx(weakest)


def test_equal_marks_give_exactly_that_mark() -> None:
    """No float noise may push 6.5 below the half."""
    for tenths in range(101):
        mark = tenths / 10
        assert weighted_mean(marks(mark, mark, mark), C, 20) == mark


def test_marks_and_constants_must_name_the_same_components() -> None:
    with pytest.raises(ValueError, match=r"marks of \['a'\], but constants of \['b'\]"):
        weights({"a": 1.0}, {"b": 1.0}, 20)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),
        (6.475, 0, 6.0),
        (6.4999999999, 0, 7.0),
        (6.49999999, 0, 6.0),
        (0.1 * 65, 0, 7.0),
        (0.15, 1, 0.2),
        (2.675, 2, 2.68),
        (1.005, 2, 1.01),
        (Decimal("6.5"), 0, 7.0),
        (7, 0, 7.0),
    ],
)
def test_halves_go_up_on_decimals(value: float, digits: int, rounded: float) -> None:
    assert round_half_up(value, digits) == rounded


@given(st.integers(0, 10**7), st.integers(0, 6))
def test_rounding_agrees_with_integer_arithmetic(millionths: int, digits: int) -> None:
    """round half up of n/10⁶ to d digits is ⌊(n + half a step) / step⌋ steps."""
    step = 10 ** (6 - digits)
    expected = (2 * millionths + step) // (2 * step) * step / 10**6
    assert round_half_up(millionths / 10**6, digits) == pytest.approx(expected, abs=1e-12)


@given(st.floats(0, 100), st.floats(0, 100), st.integers(0, 3))
def test_rounding_keeps_the_order(a: float, b: float, digits: int) -> None:
    low, high = sorted((a, b))
    assert round_half_up(low, digits) <= round_half_up(high, digits)


@pytest.mark.parametrize(
    ("grade", "exam", "expected"), [(5, 10, 7.0), (6, 6, 6.0), (8, 3, 7.0), (7, 2, 6.0)]
)
def test_the_final_grade_is_exact_at_halves(grade: float, exam: float, expected: float) -> None:
    """0.7 · 5 + 0.3 · 10 = 6.5 and 0.7 · 8 + 0.3 · 3 = 6.5 go up; 5.5 goes up."""
    assert final(grade, exam, COURSE) == expected


@given(st.integers(0, 10), st.integers(0, 10))
def test_the_final_grade_agrees_with_integer_arithmetic(grade: int, exam: int) -> None:
    assert final(grade, exam, COURSE) == (7 * grade + 3 * exam + 5) // 10


def test_exemption_needs_the_threshold_and_the_submitted_project() -> None:
    assert is_exempt(6, submitted=True, formula=COURSE)
    assert not is_exempt(6, submitted=False, formula=COURSE)
    assert not is_exempt(5, submitted=True, formula=COURSE)
    never = Formula(constants=C, exemption=None)
    assert not is_exempt(10, submitted=True, formula=never)


def test_the_rounded_grade_decides_on_exemption() -> None:
    """5.5 before rounding is 6, so exempt."""
    result = explain(marks(5.5, 5.5, 5.5), exam=None, submitted=True, formula=COURSE)
    assert (result.raw, result.accumulated, result.exempt) == (5.5, 6, True)


def test_an_exempt_student_gets_the_accumulated_grade_for_the_exam() -> None:
    assert standing_exam(7, None, submitted=True, formula=COURSE) == 7


def test_an_exempt_student_who_sits_the_exam_gets_its_mark_even_a_worse_one() -> None:
    assert standing_exam(7, 2, submitted=True, formula=COURSE) == 2


def test_without_exam_and_exemption_the_final_grade_is_pending_not_zero() -> None:
    result = explain(marks(2, 2, 2), exam=None, submitted=True, formula=COURSE)
    assert (result.exam_used, result.final_raw, result.final) == (None, None, None)


def test_an_exam_of_zero_is_a_mark() -> None:
    assert explain(marks(2, 2, 2), exam=0, submitted=True, formula=COURSE).final == 1  # 1.4


def test_the_explanation_shows_every_number() -> None:
    result = explain(marks(4, 6, 8), exam=None, submitted=True, formula=COURSE)
    assert [share.component for share in result.shares] == list(C)
    assert [round(share.s, 4) for share in result.shares] == [0.1637, 0.2222, 0.3352]
    assert [round(share.weight, 4) for share in result.shares] == [0.2271, 0.3082, 0.4648]
    assert sum(share.contribution for share in result.shares) == pytest.approx(result.raw)
    assert [round(share.one_more_point, 2) for share in result.shares] == [0.25, 0.3, 0.42]
    assert round(result.raw, 3) == 6.475
    assert (result.accumulated, result.exempt, result.exam_used, result.final) == (6, True, 6, 6)


def test_at_the_top_of_the_scale_there_is_no_more_point_to_win() -> None:
    result = explain(marks(10, 9.5, 0), exam=None, submitted=False, formula=COURSE)
    seminars, practicals, _ = result.shares
    assert seminars.one_more_point == 0
    assert 0 < practicals.one_more_point < 0.5


@given(st.tuples(*[st.floats(0, 10)] * 3), st.none() | st.floats(0, 10), st.booleans())
def test_the_explanation_and_the_single_steps_agree(
    values: tuple[float, ...], exam: float | None, submitted: bool
) -> None:
    result = explain(marks(*values), exam=exam, submitted=submitted, formula=COURSE)
    grade = accumulated(marks(*values), COURSE)
    used = standing_exam(grade, exam, submitted=submitted, formula=COURSE)
    assert (result.accumulated, result.exam_used) == (grade, used)
    assert result.final == final(grade, used, COURSE)
