import numpy as np
import pytest

from autograder.suite.quoting import quoted


@pytest.mark.parametrize(
    "text",
    [
        "shapes (8,4) and (3,4) not aligned: 4 (dim 1) != 3 (dim 0)",
        "operands could not be broadcast together with shapes (8,4) (3,)",
        "'Linear' object has no attribute 'W'",
        "index 12 is out of bounds for axis 0 with size 12",
        "more than 100,000 items or 32 levels",
    ],
)
def test_what_helps_is_quoted(text: str) -> None:
    assert quoted(text, "-") == text


@pytest.mark.parametrize(
    "data",
    [
        0.25,
        -1e-9,
        1e300,
        123456,
        np.float64(3),
        np.array([1.0, 2.0]),
        np.arange(3.0).tolist(),
        np.zeros((300, 2), int),
    ],
)
def test_data_are_not_quoted(data: object) -> None:
    for text in (str(data), repr(data), f"wrong: {data}"):
        assert quoted(text, "-") == "-", text


def test_only_the_first_line_is_quoted() -> None:
    assert quoted("wrong\n0.5", "-") == "wrong"


def test_what_a_terminal_would_obey_is_not_quoted() -> None:
    assert quoted("\x1b]0;title\x07", "-") == "-"


def test_addresses_which_change_from_run_to_run_are_left_out() -> None:
    assert quoted("<object object at 0x7f1234567890> is no layer", "-") == (
        "<object object at 0x…> is no layer"
    )
