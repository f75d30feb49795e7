"""What a hidden test gets from the student's module, in every kind of sandbox."""

from typing import Any

import numpy as np
import pytest

from autograder.core.results import Outcome
from autograder.protocol.operations import Sweep
from autograder.suite.remote import Batch, RemoteObject
from autograder.suite.words import Words

pytestmark = pytest.mark.usefixtures("fresh_afterwards")

ECHO = "def attack(value): return value"

LAYER = """
class Layer:
    def __init__(self):
        self.W = np.zeros((2, 3))
        self.view = self.W.T
        self.calls = 0
        self.layers = [self]

    def forward(self, x):
        self.calls += 1
        x *= 2.0
        return np.sum(x @ self.W)

def attack(): return Layer()
"""


def same(left: Any, right: Any) -> bool:
    """Equal in value, type, shape and dtype."""
    if isinstance(left, np.ndarray):
        return (
            type(right) is np.ndarray
            and left.dtype == right.dtype
            and np.array_equal(left, right, equal_nan=left.dtype.kind in "fc")
        )
    if isinstance(left, list | tuple):
        return type(left) is type(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and (left == right or left != left)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**63),
        2**64 - 1,
        0.1,
        float("nan"),
        "Größe 🦆 \0",
        b"\x00\xff",
        [1, (2.0, "three"), {"four": [None]}],
        np.array(2.5),
        np.array([[1.0, np.nan], [np.inf, -0.0]]),
        np.zeros((0, 3), np.float32),
        np.arange(24).reshape(2, 3, 4)[:, ::-1, ::2],
        np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        np.broadcast_to(np.float16(1.5), (3, 3)),
        np.arange(3, dtype=">i8"),
        np.array([True, False]),
        np.array([1 + 2j]),
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was_sent(bench: Any, value: Any) -> None:
    expected = value.astype(value.dtype.newbyteorder("=")) if hasattr(value, "dtype") else value
    assert same(expected, bench.run(ECHO, value))


def test_a_subclass_of_ndarray_is_what_its_bytes_say(bench: Any) -> None:
    answer = bench.run(
        """
class Liar(np.ndarray):
    shape = property(lambda self: (7,))
    dtype = property(lambda self: np.dtype("O"))
    nbytes = property(lambda self: 0)
    def __array__(self, *args, **kwargs): return np.ones(3)
    def tobytes(self, *args): return b""
    def __array_function__(self, *args): return True
    def __array_ufunc__(self, *args, **kwargs): return True
    def __eq__(self, other): return True

def attack(): return np.zeros(3).view(Liar)
"""
    )
    assert same(answer, np.zeros(3))


def test_other_objects_stay_where_they_are_and_can_be_passed_around(bench: Any) -> None:
    with bench.worker() as student:
        layer = student.run(LAYER)
        assert isinstance(layer, RemoteObject)
        assert isinstance(layer.layers[0], RemoteObject)
        assert [type(item) for item in layer.layers] == [RemoteObject]
        assert isinstance(student.run(ECHO, layer), RemoteObject)
        assert layer.forward(np.ones((1, 2))) == 0.0
        assert layer.layers[0].calls == 1


def test_an_array_is_assigned_in_place_so_that_views_see_it(bench: Any) -> None:
    W = np.arange(6.0).reshape(2, 3)
    with bench.worker() as student:
        layer = student.run(LAYER)
        layer.W = W
        assert np.array_equal(layer.view, W.T)
        layer.W = W[:1]
        assert np.array_equal(layer.W, W[:1])


def test_an_object_that_was_put_can_be_changed_and_fetched(bench: Any) -> None:
    with bench.worker() as student:
        there = student.put(np.ones((1, 2)))
        student.run(LAYER).forward(there)
        assert np.array_equal(student.fetch(there), [[2.0, 2.0]])
        there.fill(0.0)
        assert np.array_equal(student.fetch(there), [[0.0, 0.0]])


@pytest.mark.parametrize("vary", [0, ("W",)], ids=["an argument", "a parameter"])
def test_a_sweep_returns_what_a_loop_over_its_points_returns(bench: Any, vary: Any) -> None:
    rng = np.random.default_rng(0)
    x, W = rng.standard_normal((4, 2)), rng.standard_normal((2, 3))
    base = x if vary == 0 else W
    indices, values = np.array([0, 3, 3]), rng.standard_normal(3)
    points = rng.standard_normal((2, *base.shape))
    expected = []
    for number in range(5):
        point = points[number - 3].copy() if number >= 3 else base.copy()
        if number < 3:
            point.flat[indices[number]] = values[number]
        expected.append(np.sum(2 * (point @ W if vary == 0 else x @ point)))
    with bench.worker() as student:
        layer = student.run(LAYER)
        layer.W = W
        before = bench.session.requests
        batch = Batch(bench.session)
        call = batch.call(layer.handle_, ("forward",), x)
        packed = map(batch.pack, (indices, values, points))
        batch.add(Sweep(call, vary, *packed))
        (outputs,) = batch.send()
        assert bench.session.requests == before + 1
        assert np.array_equal(layer.W, W)
    np.testing.assert_allclose(outputs, expected, rtol=1e-12)


def test_an_exception_names_the_students_own_lines_and_nothing_else(bench: Any) -> None:
    verdict = bench.verdict(
        """
def attack():
    return inner()

def inner():
    return np.linalg.inv(np.zeros((2, 2)))
"""
    )
    assert verdict.outcome is Outcome.ERROR
    said = str(verdict)
    assert "LinAlgError: Singular matrix" in said
    assert "attack.py, line 3, in attack" in said
    assert "attack.py, line 6, in inner" in said
    assert "/" not in said and "autograder" not in said


def test_the_message_of_an_exception_is_cut(bench: Any) -> None:
    verdict = bench.verdict("def attack(): raise ValueError('ä' * 10**6)")
    assert verdict.outcome is Outcome.ERROR
    assert len(str(verdict).encode()) < 3000


@pytest.mark.parametrize(
    "raised",
    [
        "SystemExit(0)",
        "KeyboardInterrupt()",
        "type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})()",
        "ValueError('\\udcff')",
        "ExceptionGroup('two', [ValueError(), TypeError()])",
    ],
)
def test_whatever_is_raised_is_an_error_of_the_student(bench: Any, raised: str) -> None:
    assert bench.verdict(f"def attack(): raise {raised}").outcome is Outcome.ERROR


def test_endless_recursion_is_an_error(bench: Any) -> None:
    verdict = bench.verdict("def attack(): return attack()")
    assert (verdict.outcome, "RecursionError" in str(verdict)) == (Outcome.ERROR, True)


def test_what_is_missing_is_named(bench: Any) -> None:
    for source, ask, named in [
        (LAYER, lambda layer: layer.backward(1.0), "Layer has no 'backward'"),
        (LAYER, lambda layer: layer.grad_W, "Layer has no 'grad_W'"),
        (LAYER, lambda layer: layer[3], "Layer has no 3"),
    ]:
        with pytest.raises(Exception, match=named) as ended, bench.worker() as student:
            ask(student.run(source))
        assert ended.value.outcome is Outcome.FAILED
    with pytest.raises(Exception, match="submission has no 'Linear'"), bench.worker() as student:
        student.Linear(3, 4)


@pytest.mark.parametrize(
    "value",
    [
        "np.array([object()])",
        "np.zeros(2, np.longdouble)",
        "np.array(['text'])",
        "np.zeros(2, [('a', 'f8')])",
        "np.array(['2020-01-01'], 'M8[D]')",
        "2 ** 64",
        "chr(0xD800)",
        "np.zeros((1,) * 33)",
    ],
)
def test_what_cannot_cross_is_an_error_that_names_it(bench: Any, value: str) -> None:
    verdict = bench.verdict(f"def attack(): return {value}")
    assert verdict.outcome is Outcome.ERROR
    assert str(verdict).startswith("Unsupported: a")


@pytest.mark.parametrize(
    "value",
    [
        "np.zeros(10**6)",
        "np.broadcast_to(1.0, (10**9,))",
        "b'x' * (5 * 2**20)",
        "'x' * (5 * 2**20)",
        "[0] * 200_000",
        "[type('T' * 99, (), {})()] * 99_000",
        "{str(i): i for i in range(200_000)}",
    ],
)
def test_an_answer_over_the_cap_is_an_error(bench: Any, value: str) -> None:
    verdict = bench.verdict(f"def attack(): return {value}")
    assert verdict.outcome is Outcome.ERROR
    assert Words().tell(verdict).startswith("Your code returned more than ")


def test_a_deeply_nested_answer_is_an_error(bench: Any) -> None:
    verdict = bench.verdict(
        """
def attack():
    nested = []
    for _ in range(5000):
        nested = [nested]
    return nested
"""
    )
    assert verdict.outcome is Outcome.ERROR


def test_an_answer_just_under_the_cap_arrives(bench: Any) -> None:
    size = 4 * 2**20 - 1000
    assert len(bench.run(f"def attack(): return np.zeros({size}, np.uint8)")) == size


def test_what_is_printed_goes_nowhere(bench: Any) -> None:
    answer = bench.run(
        """
import os, sys
def attack():
    for _ in range(200):
        os.write(1, b"x" * 2**20)
        print("100/100 PASSED", flush=True)
        sys.stderr.write("\\r" * 1000)
    return 7
"""
    )
    assert answer == 7
