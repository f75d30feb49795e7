"""A student's values are judged by their form before a test computes with them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.core.results import Outcome
from autograder.suite import callback, distinct, finite, integers, items
from autograder.suite.checks import Shape
from autograder.suite.job import Examination
from autograder.suite.verdict import Verdict

Examine = Callable[..., Examination]


def told(check: Callable[[], object]) -> str:
    """What the student reads of a check; empty if it passes."""
    try:
        check()
    except Verdict as verdict:
        assert verdict.outcome is Outcome.FAILED
        return verdict.message
    return ""


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (np.ones((2, 3)), (2, 3)),
        (np.ones((2, 3), np.float32), (range(1, 5), 3)),
        (np.array([True, False]), (2,)),
        ([[1, 2.0], np.array([3, 4], np.int8)], (2, 2)),
        ((np.array(1.0), 2), (2,)),
        (2, ()),
        (np.array(2.0), ()),
        ([], (0,)),
        (np.zeros((0, 7)), (range(3), 7)),
    ],
)
def test_numbers_of_the_right_shape_become_float64(value: Any, shape: Shape) -> None:
    """In an array of whatever dtype, or in lists."""
    numbers = finite(value, shape, "W")
    assert numbers.dtype == np.float64
    assert numbers.tolist() == np.asarray(value, dtype=float).tolist()


@pytest.mark.parametrize(
    ("value", "shape", "words"),
    [
        (np.ones((2, 1)), (2,), "W: expected numbers of shape (2,), got an array of shape (2, 1)"),
        (np.ones((9, 3)), (range(1, 5), 3), "expected numbers of shape (1 to 4, 3)"),
        (np.ones(3), (), "expected numbers of shape ()"),
        (None, (2,), "is a return or an assignment missing?"),
        ("12", (2,), "a value of type str"),
        ("1", (), "a value of type str"),
        (b"12", (2,), "a value of type bytes"),
        ({0: 1.0}, (1,), "a value of type dict"),
        (np.ones(2, complex), (2,), "dtype complex128"),
        (2j, (), "a value of type complex"),
        ([1.0, [2.0]], (2,), "a value of type list"),
        ([[1.0], [2.0, 3.0]], (2, range(3)), "a value of type list"),
        ([1.0, None], (2,), "a value of type list"),
        ([1.0, np.ones(1, complex)[0]], (2,), "a value of type list"),
        (np.array([1.0, np.nan]), (2,), "W: some are NaN or infinite"),
        (float("inf"), (), "W: some are NaN or infinite"),
    ],
)
def test_other_values_end_the_test(value: Any, shape: Shape, words: str) -> None:
    """As failed, with what was expected and what came."""
    assert words in told(lambda: finite(value, shape, "W"))


def test_a_large_array_is_refused_before_anything_is_made_of_it() -> None:
    """Broadcast views stand for replies that would take gigabytes in float64."""
    large = np.broadcast_to(np.uint8(1), (10**7, 10**4))
    assert "expected numbers" in told(lambda: finite(large, (3,), "W"))
    assert "expected integers" in told(lambda: integers(large, (3,), "W"))
    assert "expected numbers" in told(lambda: distinct([large, large], (3,), "W"))


def test_integers_are_of_an_integer_dtype() -> None:
    """Floats and truth values are no indices; an empty list has no dtype to speak of."""
    assert integers(np.array([3, 1], np.uint8), (2,), "the order").dtype == np.int64
    assert integers([3, 1], (range(4),), "the order").tolist() == [3, 1]
    assert integers([], (0,), "the order").size == 0
    assert integers(np.zeros(0), (0,), "the order").dtype == np.int64
    for value in (np.array([3.0, 1.0]), np.array([True, False]), [3, 1.0], [3]):
        message = told(lambda value=value: integers(value, (2,), "the order"))
        assert message.startswith("the order: expected integers of shape (2,), got")


def test_items_come_in_a_list_or_tuple() -> None:
    """Of so many; an array, a string or a dict is something else."""
    assert items([1, None], 2, "the pair") == [1, None]
    assert items((), range(3), "the batches") == ()
    assert told(lambda: items([1], 2, "the pair")) == "the pair has 1 items, expected 2"
    assert told(lambda: items([1] * 9, range(3), "the batches")) == (
        "the batches has 9 items, expected 0 to 2"
    )
    for value in (np.ones(2), "ab", {"a": 1, "b": 2}, None, 2):
        assert "expected a list or tuple" in told(lambda value=value: items(value, 2, "it"))


def test_distinct_arrays_differ_in_values_not_in_form() -> None:
    """Another shape, NaN or another kind of value proves nothing about two seeds."""
    x = np.array([1.0, 2.0])
    assert distinct([x, x + 1, x + 2], (2,), "W")
    assert not distinct([x, x + 1, x.copy()], (2,), "W")
    assert not distinct([x, x + 1e-9], (2,), "W")
    assert distinct([x, x + 1e-9], (2,), "W", atol=0.0, rtol=0.0)
    assert not distinct([[1, 0], np.array([True, False])], (2,), "the masks")
    for other in (x[:, None], np.array([1.0, np.nan]), None, np.ones(3), "ab"):
        assert told(lambda other=other: distinct([x, other], (2,), "W")).startswith("W: ")


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=3)), st.data())
def test_only_arrays_of_the_very_shape_pass(
    array: np.ndarray[Any, Any], data: st.DataObject
) -> None:
    """Whatever numpy would broadcast."""
    shape = data.draw(array_shapes(min_dims=0, max_dims=4, max_side=3))
    message = told(lambda: finite(array, shape, "W"))
    assert ("expected numbers" in message) is (array.shape != shape)


def test_a_callback_takes_the_agreed_arrays_only() -> None:
    """By position or by name; lists and numbers reach the function as arrays of their own dtype."""
    seen: list[Any] = []

    def slope(x: Any, X: Any, shift: float = 1.0) -> float:
        seen.append((x, X, shift))
        return 7.0

    called = callback(slope, (2,), (range(3), 2))
    assert called(np.ones(2, np.float32), np.ones((1, 2))) == 7.0
    assert called([1, 2], X=np.ones((2, 2))) == 7.0
    assert called(X=np.ones((0, 2)), x=np.ones(2)) == 7.0
    assert [x.dtype for x, _, _ in seen] == [np.float32, np.int64, np.float64]
    assert all(shift == 1.0 for _, _, shift in seen)
    wrong = [np.ones((2, 1)), np.ones(3), 1.0, None, "ab", np.ones(2, complex), {}]
    for value in wrong:
        with pytest.raises(ValueError, match="expected shape"):
            called(value, np.ones((1, 2)))
    for args, kwargs in [
        ((), {}),
        ((np.ones(2),), {}),
        ((np.ones(2), np.ones((1, 2)), 3.0), {}),
        ((np.ones(2), np.ones((1, 2))), {"shift": 2.0}),
        ((np.ones(2),), {"x": np.ones(2)}),
    ]:
        with pytest.raises(TypeError, match="arguments"):
            called(*args, **kwargs)
    assert len(seen) == 3


def test_a_callback_may_take_lists_of_arrays_or_any_shape_of_a_size() -> None:
    """A list of shapes stands for a list of arrays, an integer for at most so many numbers."""
    total = callback(lambda parameters: sum(p.sum() for p in parameters), [(2,), (1, 2)])
    assert total([np.ones(2), np.ones((1, 2))]) == 4.0
    for value in ([np.ones(2)], [np.ones(2), np.ones(2)], np.ones((2, 2)), None):
        with pytest.raises(ValueError, match="an argument is no"):
            total(value)
    sine = callback(np.sin, 6)
    assert sine(0.0) == 0.0
    assert sine(np.zeros((2, 1, 3))).shape == (2, 1, 3)
    with pytest.raises(ValueError, match="expected shape"):
        sine(np.zeros(7))
    with pytest.raises(TypeError, match="arguments"):
        sine(np.zeros(2), where=np.ones((9, 1), bool))


def test_what_arithmetic_with_an_object_gives_stays_in_the_worker(examine: Examine) -> None:
    """Two arrays that operators of the student return would be broadcast by the next one, here."""
    tests = """
@pytest.mark.points(1)
def test_operator(student):
    (student.Node(1) + 1) * (student.Node(2) + 1)
@pytest.mark.points(1)
def test_class(student):
    student.Array(1) + student.Array(2)
@pytest.mark.points(1)
def test_class_of_a_module(student):
    student.inner.Array(1) + student.inner.Array(2)
@pytest.mark.points(1)
def test_constant(student, check_close):
    check_close(student.RATE, 0.5, "RATE")
"""
    submission = """
class Node:
    def __init__(self, number): self.number = number
    def __add__(self, other): return np.ones((16_000, 1) if self.number == 1 else (1, 16_000))
def Array(number): return np.ones((16_000, 1) if number == 1 else (1, 16_000))
class inner: Array = Array
RATE = 0.5
"""
    results = examine(tests, submission).tests
    assert [result.outcome for result in results] == [Outcome.FAILED] * 3 + [Outcome.PASSED]
    assert "is a ndarray, not an object" in results[0].message
    assert "is a ndarray, not an object" in results[1].message
