"""Comparison of returned with expected values: order, policies, exact types, wording."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.core.comparison import compare, gap, show
from autograder.errors import SuiteError

FLOATS = arrays(np.float64, array_shapes(min_dims=0, max_dims=3), elements=st.floats(-1e9, 1e9))
y = np.array([[1.0, 2.0], [3.0, 4.5], [5.0, -6.0]])


def problem(actual, expected, **options):
    mismatch = compare(actual, expected, "y", **options)
    return mismatch and mismatch.problem


@given(FLOATS)
def test_a_value_equals_itself(value):
    assert compare(value.copy(), value, "y") is None


@given(FLOATS, st.data())
def test_one_entry_beyond_the_tolerance_is_found(value, data):
    if not value.size:
        return
    place = data.draw(st.integers(0, value.size - 1))
    wrong = value.copy()
    wrong.flat[place] += 1e-8 + 2e-7 * abs(value.flat[place])
    mismatch = compare(wrong, value, "y")
    index = ", ".join(map(str, np.unravel_index(place, value.shape)))
    assert mismatch.problem == "values"
    assert mismatch.message.startswith(f"y[{index}]  yours " if value.ndim else "y  yours ")


def test_problems_come_in_the_order_type_shape_dtype_finite_values():
    bad = np.full((2, 3), np.nan, dtype=np.float32)
    attempts = [y.tolist(), bad, bad.T, bad.T.astype(float), y + 1, y]
    assert [problem(a, y) for a in attempts] == ["type", "shape", "dtype", "finite", "values", None]


def test_shapes_must_be_equal_and_never_broadcast():
    column = np.ones((3, 1))
    for actual, expected in ((column, np.ones(3)), (np.ones(3), column), (np.ones(1), 1.0)):
        assert problem(actual, expected) == "shape"
    assert problem(1.0, np.ones(3)) == "shape"
    message = compare(y.T, y, "y").message
    assert message == "y has shape (2, 3), expected (3, 2): transposed"


def test_tolerance_scales_with_the_expected_value_only():
    assert problem(np.array([1e300]), np.array([1.0])) == "values"
    assert problem(np.array([np.inf]), np.array([1.0])) == "finite"
    assert problem(1.0 + 5e-8, 1.0) is None
    assert problem(5e-10, 0.0) is None and problem(2e-9, 0.0) == "values"


def test_an_infinity_equals_only_itself():
    inf = np.array([np.inf, 1.0])
    assert problem(inf, inf) is None
    assert problem(-inf, inf) == "values"
    assert problem(np.array([1e308, 1.0]), inf) == "values"
    assert problem(np.array([np.nan, 1.0]), inf) == "values"


def test_nan_is_expected_only_where_the_suite_says_so():
    nan = np.array([np.nan, 1.0])
    assert problem(nan, nan, equal_nan=True) is None
    assert problem(np.array([0.0, 1.0]), nan, equal_nan=True) == "values"
    with pytest.raises(SuiteError, match="equal_nan"):
        compare(nan, nan, "y")


@pytest.mark.parametrize(
    ("actual", "expected", "kind", "exact", "any_"),
    [
        (1.0, 1.0, None, None, None),
        (np.array(1.0), 1.0, None, None, None),
        (1.0, np.array(1.0), None, None, None),
        (np.float64(1.0), 1.0, None, None, None),
        (np.float32(1.0), 1.0, "dtype", "dtype", None),
        (1, 1.0, "dtype", "dtype", None),
        (True, 1.0, "dtype", "dtype", None),
        (1, 1, None, None, None),
        (np.int32(1), 1, None, "dtype", None),
        (1.0, 1, "dtype", "dtype", None),
        (True, 1, "dtype", "dtype", None),
        (1, True, "dtype", "dtype", None),
        (True, True, None, None, None),
        (10**400, 1, "dtype", "dtype", "dtype"),
        ((1, 2), [1, 2], None, "type", None),
        ("a", "a", None, None, None),
        (None, None, None, None, None),
        ("a", 1, "type", "type", "type"),
        (np.array("a"), 1.0, "dtype", "dtype", "dtype"),
    ],
)
def test_dtype_policies(actual, expected, kind, exact, any_):
    found = [problem(actual, expected, dtype=policy) for policy in ("kind", "exact", "any")]
    assert found == [kind, exact, any_]


def test_integers_and_booleans_must_be_equal():
    big = 2**53
    assert problem(big + 1, big) == "values"
    assert problem(np.array([True, False]), np.array([True, True])) == "values"
    assert compare(np.array([1, 5]), np.array([1, 2]), "ids").message == (
        "ids[1]  yours 5   expected 2   (1 of 2 entries differ)"
    )


def test_containers_are_compared_item_by_item_with_their_path():
    expected = {"loss": 0.5, "grads": [y, y]}
    assert compare({"grads": (y, y), "loss": 0.5}, expected, "out") is None
    found = compare({"loss": 0.5, "grads": [y, y + np.array([0, 1])]}, expected, "out")
    assert found.message.startswith("out['grads'][1][0, 1]  yours 3   expected 2")
    assert compare([y], [y, y], "out").message == "out has 1 items, expected 2"
    assert compare({"a": 1}, {"b": 1}, "out").message == "out lacks the key 'b'"
    assert compare({"a": 1, "b": 1}, {"b": 1}, "out").message == "out has other keys besides 'b'"
    assert compare([], {}, "out").message == "out is a list, expected a dict"


def test_no_method_of_a_foreign_class_is_called():
    def trap(*_):
        raise AssertionError("a method was called")

    hooks = ("__eq__", "__ne__", "__bool__", "__len__", "__iter__", "__array__", "__float__")
    hooks += ("__repr__", "__str__", "__hash__", "__getattribute__", "__array_ufunc__")
    for base in (object, float, int, str, list, dict, np.ndarray):
        Trap = type("Trap", (base,), dict.fromkeys(hooks, trap))
        value = Trap(3) if base is np.ndarray else Trap()
        for expected in (1.0, 1, True, "a", None, [1], {"a": 1}, y):
            mismatch = compare(value, expected, "y")
            assert mismatch.problem == "type" and "Trap" in mismatch.message
        assert compare([value], [1.0], "y").problem == "type"


def test_a_missing_return_is_suspected():
    assert "return" in compare(None, y, "y").message


def test_an_expected_value_of_an_unknown_type_is_the_suite_s_fault():
    with pytest.raises(SuiteError, match="object"):
        compare(1.0, object(), "y")


def test_empty_arrays_are_compared_by_shape():
    assert problem(np.empty((0, 3)), np.empty((0, 3))) is None
    assert problem(np.empty((0, 2)), np.empty((0, 3))) == "shape"


def test_entries_that_are_not_finite_are_counted():
    bad = y.copy()
    bad[0, 1], bad[2, 0] = np.nan, -np.inf
    assert compare(bad, y, "y").message == (
        "y has 1 NaN and 1 infinite of 6 entries, first at [0, 1]"
    )
    assert compare(float("nan"), 1.0, "loss").message == "loss is NaN"


S = np.arange(9.0).reshape(3, 3) ** 2 + 1


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        (S.T, S, "transposed"),
        (-S, S, "wrong sign"),
        (S / 3, S, "1/3 times the expected"),
        (S * 0, S, "zero everywhere"),
        (S + 2, S, "same amount"),
        (S + np.array([1, 2, 5]), S, "along axis 0"),
        (S + np.array([[1], [2], [5]]), S, "along axis 1"),
        (2.0, 1.0, "2 times the expected"),
    ],
)
def test_an_obvious_mistake_is_named(actual, expected, words):
    assert words in compare(actual, expected, "y").message.split("Looks like: ")[1]


def test_what_is_not_obvious_is_not_named():
    assert "Looks like" not in compare(np.sqrt(S) + 0.1, S, "y").message
    assert "Looks like" not in compare(0.73, 1.0, "y").message


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e300, 1e300))
def test_numbers_that_look_alike_are_told_by_how_far_they_are_apart(a, b):
    assert bool(gap(a, b)) == (show(a) == show(b))


@given(st.floats() | st.integers() | st.complex_numbers())
def test_a_number_is_shown_with_few_digits(value):
    digits = sum(character.isdigit() for character in show(value))
    assert digits <= (16 if isinstance(value, complex) else 8)


def test_numbers_are_short_where_they_can_be():
    assert (show(-0.0831), show(2e-9), show(12), show(True)) == ("−0.0831", "2e−9", "12", "True")
    assert show(-0.0) == "0"
    assert compare(1.00001, 1.0, "y").message == "y  yours 1   expected 1   off by 1e−5"


def test_what_the_students_code_returns_is_not_repeated_at_length():
    """A text, a key or a shape could hold what the code was given."""
    assert compare("0.25", "a", "y").message == "y is not what is expected: 'a'"
    assert compare(b"0.25", b"a", "y").message == "y is not what is expected: b'a'"
    told = compare(np.zeros((0, 2**40, 7)), np.zeros(3), "y").message
    assert told.startswith("y has shape (3 axes), expected (3,)")
    told = compare(np.zeros((1,) * 30), np.zeros(3), "y").message
    assert told.startswith("y has shape (30 axes), expected (3,)")
    assert "(60000, 10)" in compare(np.zeros((60000, 10)), np.zeros(3), "y").message
    assert "(5, 3, 28, 28)" in compare(np.zeros((5, 3, 28, 28)), np.zeros(3), "y").message
