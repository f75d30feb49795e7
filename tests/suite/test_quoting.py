"""What is quoted of student code, and how much it can tell at most."""

import math
import re
import textwrap
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.agent.exceptions import raised
from autograder.core.assignment import Limits
from autograder.protocol.messages import Frame, Raised
from autograder.suite import forms
from autograder.suite.forms import forms_of_exception, forms_of_value
from autograder.suite.phrases import PHRASES
from autograder.suite.quoting import (
    _COMMON_TYPES,
    _READERS,
    _VOCABULARY,
    Context,
    number_bits,
    quote,
)
from autograder.suite.source import Source

EVERYDAY = [
    ("np.ones((8, 4)) @ np.ones((3, 4))", "size 3 is different from 4)"),
    ("np.dot(np.ones((8, 4)), np.ones((3, 4)))", "shapes (8, 4) and (3, 4) not aligned"),
    ("np.ones((8, 4)) + np.ones(3)", "could not be broadcast together with shapes (8, 4) (3,)"),
    ("np.ones((3, 1))[:] = np.ones((3, 4))", "from shape (3, 4) into shape (3, 1)"),
    ("np.ones(12).reshape(5, -1)", "cannot reshape array of size 12 into shape (5, -1)"),
    ("np.concatenate([np.ones((2, 3)), np.ones((3, 2))])", "along dimension 1, the array at"),
    ("np.stack([np.ones(2), np.ones(3)])", "all input arrays must have the same shape"),
    ("np.array([[1, 2], [3]])", "setting an array element with a sequence."),
    ("np.ones(3).sum(axis=1)", "AxisError: axis 1 is out of bounds for array of dimension 1"),
    ("np.ones(5)[5]", "index 5 is out of bounds for axis 0 with size 5"),
    ("np.ones((5, 3))[0, 0, 0]", "array is 2-dimensional, but 3 were indexed"),
    ("np.ones(5)[1.0]", "only integers, slices (`:`), ellipsis (`...`)"),
    ("np.ones(5)[np.ones(3, bool)]", "size of corresponding boolean axis is 3"),
    ("np.ones(3, int).__iadd__(0.5)", "Cannot cast ufunc 'add' output from dtype('float64')"),
    ("np.exp(None)", "loop of ufunc does not support argument 0 of type NoneType"),
    ("np.linalg.inv(np.zeros((2, 2)))", "LinAlgError: Singular matrix"),
    ("np.max([])", "zero-size array to reduction operation maximum"),
    ("bool(np.ones(3))", "The truth value of an array with more than one element is ambiguous"),
    ("np.float(3)", "AttributeError: module 'numpy' has no attribute 'float'"),
    ("self.W", "AttributeError: 'Layer' object has no attribute 'W'"),
    ("None.shape", "AttributeError: 'NoneType' object has no attribute 'shape'"),
    ("None + 1", "unsupported operand type(s) for +: 'NoneType' and 'int'"),
    ("[1, 2] * 2.0", "can't multiply sequence by non-int of type 'float'"),
    ('"a" + 1', 'can only concatenate str (not "int") to str'),
    ("None[0]", "'NoneType' object is not subscriptable"),
    ("None()", "'NoneType' object is not callable"),
    ("len(3)", "object of type 'int' has no len()"),
    ("a, b = 1, 2, 3", "too many values to unpack (expected 2)"),
    ("a, b = (1,)", "not enough values to unpack (expected 2, got 1)"),
    ("a, b = None", "cannot unpack non-iterable NoneType object"),
    ("[1][5]", "IndexError: list index out of range"),
    ('[1]["a"]', "list indices must be integers or slices, not str"),
    ('{"a": 1}["b"]', "KeyError: 'b'"),
    ("undefined", "NameError: name 'undefined' is not defined"),
    ("x = x + 1", "cannot access local variable 'x' where it is not associated with a value"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("math.log(0)", "ValueError: math domain error"),
    ("float(np.ones(3))", "only 0-dimensional arrays can be converted to Python scalars"),
    ("self.forward()", "Layer.forward() missing 1 required positional argument: 'grad'"),
    ("self.forward(1, 2)", "Layer.forward() takes 2 positional arguments but 3 were given"),
    ("self.forward(y=1)", "Layer.forward() got an unexpected keyword argument 'y'"),
    ("import tqdm_", "ModuleNotFoundError: No module named 'tqdm_'"),
    ("from math import tanhh", "ImportError: cannot import name 'tanhh' from 'math'"),
    ('open("data.csv")', "FileNotFoundError: [Errno 2] No such file or directory: 'data.csv'"),
    ("raise NotImplementedError", "NotImplementedError"),
    ('raise ValueError("W must be 2-d")', "ValueError: W must be 2-d"),
    ('raise ValueError(f"W has {2 + 1} axes")', "ValueError: W has 3 axes"),
    ('raise ShapeError("(N, D), please")', "ShapeError: (N, D), please"),
    ('assert 1 == 2, "shapes differ"', "AssertionError: shapes differ"),
    ("int(float('nan'))", "cannot convert float NaN to integer"),
]
MODULE = """import numpy as np
class ShapeError(Exception):
    pass


class Layer:
    def forward(self, grad):
        return 1

    def backward(self):
        {}
"""


def told(text: str, problem: BaseException) -> str:
    """The fullest form in which a student would read of the problem."""
    source = Source({"submission.py": text})
    message = raised(1, "exception", problem)
    full, *_ = forms_of_exception(message, source, frozenset(), Limits())
    return "".join(part.text for part in full)


@pytest.mark.parametrize(("code", "words"), EVERYDAY)
@pytest.mark.filterwarnings("ignore")
def test_everyday_mistakes_are_quoted_in_full(code: str, words: str) -> None:
    text = MODULE.format(code)
    space: dict[str, Any] = {"np": np, "math": math}
    exec(compile(text, "submission.py", "exec"), space)
    with pytest.raises(Exception) as caught:
        space["Layer"]().backward()
    message = told(text, caught.value)
    assert words in message
    assert message.endswith("\n  submission.py, line 11, in backward")


TORCH = [
    ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"),
    ("RuntimeError", "mat1 and mat2 must have the same dtype, but got Double and Float"),
    ("RuntimeError", "The size of tensor a (3) must match the size of tensor b (5) at non-singleton"
     " dimension 1"),
    ("RuntimeError", "element 0 of tensors does not require grad and does not have a grad_fn"),
    ("RuntimeError", "grad can be implicitly created only for scalar outputs"),
    ("RuntimeError", "shape '[2, 2]' is invalid for input of size 3"),
    ("RuntimeError", "expected scalar type Float but found Double"),
    ("ValueError", "Expected input batch_size (2) to match target batch_size (3)."),
    ("IndexError", "Target 5 is out of bounds."),
    ("IndexError", "Dimension out of range (expected to be in range of [-1, 0], but got 2)"),
    ("AttributeError", "cannot assign module before Module.__init__() call"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "message"), TORCH)
def test_what_torch_says_is_quoted(kind: str, message: str) -> None:
    full, *_ = quote(kind, message, Context(Source({})))
    assert full.text == message


def test_every_phrase_is_readable_and_has_a_known_place() -> None:
    slots = {slot for texts in PHRASES.values() for text in texts for slot in _slots(text)}
    assert {"n", "shape", "name", "type", "..."} <= slots
    for kind, texts in PHRASES.items():
        assert len(set(texts)) == len(texts), kind


def _slots(text: str) -> list[str]:
    return re.findall(r"\{([^}]*)\}", text)


DATA = [0.25, -1e-9, 1e300, np.float64(3), np.array([1.0, 2.0]), np.arange(3.0).tolist(), b"ab"]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "Own", "missing", "unsupported"])
def test_data_are_not_quoted(data: object, kind: str) -> None:
    source = Source({"s.py": MODULE.format('raise ValueError(f"{x} is wrong: {y}")')})
    for text in (str(data), repr(data), f"wrong: {data}", f"'{data}'", f"{data} is wrong: 1"):
        assert quote(kind, text, Context(source)) == (), text


@given(st.text(max_size=100), st.sampled_from(sorted(PHRASES)))
def test_nothing_is_quoted_but_what_is_known(text: str, kind: str) -> None:
    """Whatever is said, no character of it that matters reaches the page."""
    for found in quote(kind, text, Context(Source({"s.py": "x = 'a string'"}))):
        assert found.text == "a string" or re.fullmatch(r"[\d()\[\], …-]+", found.text)


@given(st.sampled_from(sorted(PHRASES)), st.data())
def test_spaces_and_zeros_that_nobody_sees_tell_nothing(kind: str, data: st.DataObject) -> None:
    """A quote is in canonical form: it is the same whatever spelling was chosen."""
    phrase = data.draw(st.sampled_from(PHRASES[kind]))
    values = {"n": "007", "i": "-03", "shape": "(2,   03)", "op": "+", "s": "s", "were": "were"}
    line = re.sub(r"\{([^}]*)\}", lambda slot: values.get(slot[1], "x"), phrase)
    context = Context(Source({"s.py": "x = 'x'"}), asked=frozenset("x"))
    for found in quote(kind, line, context):
        again = quote(kind, found.text, context)
        assert "007" not in found.text and "03" not in found.text
        assert not again or again[0].text == found.text


def test_an_exceptions_class_is_known_or_stands_in_the_submission() -> None:
    source = Source({"s.py": "class Mine(ValueError): pass"})

    def name(*names: str) -> str:
        message = Raised(1, "exception", names, "", ())
        full, *_ = forms_of_exception(message, source, frozenset(), Limits())
        return full[0].text.removeprefix("Your code raised ")

    assert name("Mine", "ValueError") == "Mine"
    assert name("OverflowError") == "OverflowError"
    assert name("E0_25", "ValueError") == "an exception of its own, a kind of ValueError"
    assert name("E0_25") == name() == "an exception of its own"


def test_a_line_is_named_if_it_stands_in_the_submission() -> None:
    source = Source({"s.py": "def f():\n    1 / 0\n\n"})
    frames = [("s.py", 2), ("0.25.py", 1), ("s.py", 4711), ("s.py", 3), ("s.py", -1)]
    message = Raised(1, "exception", ("KeyError",), "", tuple(Frame(*at, "0.25") for at in frames))
    full, *_ = forms_of_exception(message, source, frozenset(), Limits())
    assert "".join(part.text for part in full).endswith("KeyError\n  s.py, line 2, in f")


def test_what_is_missing_is_named_if_the_test_has_asked_for_it() -> None:
    source = Source({"s.py": "class Linear: pass"})

    def words(kind: Any, said: str) -> str:
        message = Raised(1, kind, ("Missing",), said, ())
        return forms_of_value(message, source, frozenset({"grad_W"}))[0][0].text

    assert words("missing", "submission has no 'grad_W'") == "Your submission has no 'grad_W'."
    assert words("missing", "Linear has no 'grad_W'") == "Your Linear has no 'grad_W'."
    assert words("missing", "Linear has no '0.25'") == "Your code lacks what this test needs."
    assert words("missing", "E25 has no 'grad_W'") == "Your code lacks what this test needs."
    assert words("unsupported", "an array of dtype object") == (
        "Your code returned an array of dtype object."
    )
    assert words("unsupported", "a E25") == "Your code returned what no test can use."


def test_rarer_choices_cost_more() -> None:
    source = Source({"s.py": "".join(f"class A{n}(Exception): pass\n" for n in range(1024))})
    known, own = (
        forms_of_exception(Raised(1, "exception", (name,), "", ()), source, frozenset(), Limits())
        for name in ("ValueError", "A77")
    )
    assert own[-1][0].bits > 10 > known[-1][0].bits
    small, large = (quote("KeyError", n, Context(source))[0] for n in ("3", "123456789"))
    assert large.bits > small.bits + 40


def test_a_message_that_a_function_made_by_f_string_is_told_with_its_numbers() -> None:
    text = textwrap.dedent("""
        raise ValueError(f"{name}: expected {want} axes, got {x.ndim} of {x.shape}")
        name = "W"
    """)
    context = Context(Source({"s.py": text}))
    for said, same in (
        ("W: expected 2 axes, got 3 of (2, 3, 4)", True),
        ("W: expected 2 axes, got 0.5 of (2, 3, 4)", False),
        ("Z9: expected 2 axes, got 3 of (2, 3, 4)", False),
        ("W: expected 2 axes, got 3 of [0.5]", False),
        ("W: expected 2 axes", False),
    ):
        found = quote("ValueError", said, context)
        assert [each.text for each in found[:1]] == [said] * same, said
        assert [each.text for each in found[1:]] == ["W: expected … axes, got … of …"] * same


def test_the_code_of_numbers_is_one_that_can_be_read_back() -> None:
    assert 0.9 < sum(2.0 ** -number_bits(number) for number in range(2**17)) <= 1


def test_numbers_cost_more_than_the_message_without_them() -> None:
    full, bare = quote("ValueError", "shapes (8,4) and (3,4) not aligned", Context(Source({})))
    assert (full.text, bare.text) == (
        "shapes (8, 4) and (3, 4) not aligned",
        "shapes … and … not aligned",
    )
    assert full.bits > bare.bits + 12


def test_a_line_is_expected_in_the_function_that_the_test_has_called() -> None:
    functions = "".join(f"def f{n}():\n    1 / 0\n" for n in range(64))
    message = Raised(1, "exception", ("KeyError",), "", (Frame("s.py", 2, "f0"),))
    asked, other = (
        forms_of_exception(message, Source({"s.py": functions}), frozenset({name}), Limits())
        for name in ("f0", "f1")
    )
    assert asked[0][1].text == other[0][1].text == "\n  s.py, line 2, in f0"
    assert asked[0][1].bits < 2 and other[0][1].bits > 9


def test_whoever_reads_a_message_knows_where_each_of_its_choices_ends() -> None:
    """Kraft: the codes of all that can be told in one place fill the whole at most."""
    text = (
        "class Own(Exception): pass\nclass Layer:\n    def f(self):\n        1 / 0\n        2 / 0\n"
    )
    source = Source({"s.py": text})
    known = sorted(forms.KNOWN | {"Own"})
    kinds = [forms._kind((name,), source) for name in known]
    kinds += [forms._kind(("E25", name), source) for name in known]
    kinds += [forms._kind(("E25",), source)]
    places = [
        forms._where(Frame(*at, ""), source, frozenset({"Layer", "f"})) for at in source.lines
    ]
    places += [forms._where(None, source, frozenset())]
    limits = [forms._limit(number, Limits()) for number in (0, 11, 24, 28)]
    context = Context(source, "a b c", frozenset({"x", "y"}))
    names = {*"abcxy", *source.identifiers, *_VOCABULARY["name"]}
    types = {*_COMMON_TYPES, *source.classes, *_VOCABULARY["type"]}
    for told in (
        kinds,
        places,
        limits,
        [_READERS["name"](name, context) for name in names],
        [_READERS["type"](name, context) for name in types],
        [_READERS["op"](name, context) for name in _VOCABULARY["op"]],
        [_READERS["dtype"](name, context) for name in _VOCABULARY["dtype"]],
    ):
        assert None not in told
        assert 0.3 < sum(2.0**-each.bits for each in told if each) <= 1 + 1e-9
