"""All words of a result together tell less than one double."""

from collections import Counter
from fractions import Fraction
from math import log2

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.core.results import Heatmap, Outcome
from autograder.suite import drawings, words
from autograder.suite.drawings import Drawings
from autograder.suite.quoting import Form, Quote
from autograder.suite.verdict import Verdict
from autograder.suite.words import Words, few_digits


def verdict(*forms: Form) -> Verdict:
    return Verdict(Outcome.ERROR, "nothing", forms=forms)


def forms(name: str) -> tuple[Form, ...]:
    full, where, short = Quote(f"{name}: words", 20), Quote(" at 3", 7), Quote(name, 6)
    return (full, where), (short, where), (short,)


def test_a_check_that_fails_for_no_exception_costs_nothing() -> None:
    told = Words(0.0)
    assert told.tell(Verdict(Outcome.FAILED, "y is wrong")) == "y is wrong"


def test_the_fullest_form_is_told_while_bits_are_left() -> None:
    told = Words(45.0)
    assert told.tell(verdict(*forms("A"))) == "A: words at 3"
    assert told.tell(verdict(*forms("B"))) == "B at 3"
    assert told.tell(verdict(*forms("C"))) == "nothing"


def test_the_same_mistake_is_told_in_every_check() -> None:
    told = Words()
    assert {told.tell(verdict(*forms("A"))) for _ in range(40)} == {"A: words at 3"}


def test_a_line_that_was_told_costs_little_with_other_words() -> None:
    told = Words(52.0)
    place = Quote(" at 3", 30)
    assert told.tell(verdict((Quote("A", 6), place))) == "A at 3"
    assert told.tell(verdict((Quote("B", 6), place))) == "B at 3"


def test_once_nothing_more_is_told_silence_says_nothing_either() -> None:
    told = Words(32.0)
    assert told.tell(verdict(*forms("A"))) == "A: words at 3"
    assert told.tell(verdict(*forms("B"))) == "nothing"
    assert told.tell(verdict(*forms("A"))) == "nothing"


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 4), st.integers(1, 5), st.floats(0, 12))
def test_whoever_chooses_messages_tells_no_more_than_the_bits(
    kinds: int, checks: int, bits: float
) -> None:
    """Every sequence of choices is tried: so many different reports are there at most."""
    choices = [(Quote(f"{n}", log2(kinds)),) for n in range(kinds)]
    reports: Counter[tuple[str, ...]] = Counter()
    for number in range(kinds**checks):
        told, report = Words(bits), []
        for check in range(checks):
            report.append(told.tell(verdict(choices[number // kinds**check % kinds])))
        reports[tuple(report)] += 1
    assert len(reports) <= Fraction(2**bits) * (checks + 1)


def test_one_double_does_not_come_through() -> None:
    assert words.BITS + log2(100) < 64
    assert drawings.BITS < 64


def test_a_list_of_numbers_is_cut() -> None:
    numbers = ", ".join(map(str, range(100, 200)))
    told = Words().tell(Verdict(Outcome.FAILED, f"the sizes are {numbers}"))
    assert told == "the sizes are " + ", ".join(map(str, range(100, 121))) + ", 1…"
    assert few_digits("1" * 64) == "1" * 64


def test_a_heat_map_is_drawn_in_few_squares_right_or_wrong() -> None:
    errors = [0.0] * 2000
    errors[3 * 40 + 39] = 0.123456
    drawn = Drawings().draw(Heatmap(tensor="W", rows=50, columns=40, errors=tuple(errors)))
    assert drawn is not None
    assert drawn.rows * drawn.columns == len(drawn.errors) <= 24
    assert sorted(drawn.errors)[-2:] == [0.0, 1.0]
    assert drawn.errors.index(1.0) == drawn.columns - 1


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=8))
def test_all_heat_maps_of_a_result_have_fewer_squares_than_a_double_has_bits(
    shapes: list[tuple[int, int]],
) -> None:
    draw = Drawings().draw
    maps = [
        draw(Heatmap(tensor="W", rows=r, columns=c, errors=(1.0,) * (r * c))) for r, c in shapes
    ]
    assert sum(len(drawn.errors) for drawn in maps if drawn) < 64
    assert not shapes or maps[0] is not None
