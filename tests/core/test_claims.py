"""A claim is reproduced within its own tolerance; what is no metrics.json is refused in words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.claims import Metrics, compare_claims, parse_metrics


def metrics(**values: float) -> dict[str, Any]:
    """The content of a metrics.json whose claims have these values and a tolerance of 0.5."""
    claims = [
        {"id": id, "statement": "it is so", "value": value, "tolerance": 0.5}
        for id, value in values.items()
    ]
    return {"paper": "A paper", "seed": 1, "claims": claims}


def parsed(**values: float) -> Metrics:
    found = parse_metrics(json.dumps(metrics(**values)).encode())
    assert isinstance(found, Metrics), found
    return found


@given(st.floats(-1e3, 1e3), st.floats(-2, 2))
def test_a_claim_is_reproduced_within_its_tolerance(value: float, off: float) -> None:
    (verdict,) = compare_claims(parsed(gap=value), parsed(gap=value + off))
    expected = "reproduced" if abs(value + off - value) <= 0.5 else "mismatch"
    assert verdict.outcome == expected
    assert f"{value:g}" in verdict.describe()


def test_a_claim_that_the_new_run_does_not_make_is_missing() -> None:
    verdicts = compare_claims(parsed(a=1.0, b=2.0), parsed(b=2.1, c=3.0))
    assert [(v.id, v.outcome) for v in verdicts] == [("a", "missing"), ("b", "reproduced")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"seed": "7"}, "Expected `int`"),
        ({"claims": []}, "length >= 1"),
        ({"extra": 1}, "unknown field `extra`"),
        ({"claims": [{"id": "A b", "statement": "s", "value": 1, "tolerance": 1}]}, "regex"),
        ({"claims": [{"id": "a", "statement": "s", "value": 1}]}, "missing required field"),
        ({"claims": [{"id": "a", "statement": "s", "value": 1, "tolerance": -1}]}, ">= 0"),
        ({"claims": [{"id": "a", "statement": "", "value": 1, "tolerance": 1}]}, "length >= 1"),
        ({"claims": metrics(a=1.0)["claims"] * 2}, "more than one claim 'a'"),
    ],
)
def test_what_does_not_follow_the_schema_is_refused(change: dict[str, Any], problem: str) -> None:
    found = parse_metrics(json.dumps(metrics(a=1.0) | change).encode())
    assert isinstance(found, str)
    assert problem in found


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b"\xff", b'{"paper": NaN}', b"[" * 100_000, b" " * 200_000],
)
def test_what_is_no_json_of_the_size_is_refused(content: bytes) -> None:
    assert isinstance(parse_metrics(content), str)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fail(content: bytes) -> None:
    assert isinstance(parse_metrics(content), Metrics | str)


def test_numbers_beyond_float64_are_refused() -> None:
    content = json.dumps(metrics(a=1.0)).replace("1.0", "1e999").encode()
    assert isinstance(parse_metrics(content), str)
