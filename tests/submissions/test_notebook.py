"""From the bytes of a notebook to the sources of its code cells."""

import json
from collections.abc import Callable

import msgspec
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.notebook import MAX_CELLS, _Notebook, _without_nan, code_cells
from autograder.submissions.rejection import Refused

CODE = {"cell_type": "code", "source": "x = 1"}


def cells_of(notebook: object) -> list[str]:
    return code_cells("p1.ipynb", json.dumps(notebook).encode())


def test_code_cells_come_in_order_and_others_do_not() -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Layers"),
            nbformat.v4.new_code_cell("x = 1"),
            nbformat.v4.new_raw_cell("raw"),
            nbformat.v4.new_code_cell(""),
            nbformat.v4.new_code_cell("y = 2\nz = 3"),
        ]
    )
    content = nbformat.writes(notebook).encode()
    assert code_cells("p1.ipynb", content) == ["x = 1", "", "y = 2\nz = 3"]


def test_a_source_may_be_a_list_of_lines() -> None:
    assert cells_of({"cells": [{"cell_type": "code", "source": ["x = 1\n", "y = 2"]}]}) == [
        "x = 1\ny = 2"
    ]


def test_format_3_is_read_too() -> None:
    notebook = nbformat.v3.new_notebook(
        worksheets=[nbformat.v3.new_worksheet(cells=[nbformat.v3.new_code_cell("x = 1")])]
    )
    assert code_cells("p1.ipynb", nbformat.v3.writes_json(notebook).encode()) == ["x = 1"]


def with_zeros(content: bytes) -> bytes:
    """Letter by letter: NaN and Infinity outside of strings become a 0 and blanks."""
    patched, in_string, at = bytearray(content), False, 0
    while at < len(content):
        if in_string and content[at : at + 1] == b"\\":
            at += 1
        elif content[at : at + 1] == b'"':
            in_string = not in_string
        elif not in_string:
            for number in (b"NaN", b"Infinity"):
                if content.startswith(number, at):
                    patched[at : at + len(number)] = b"0".ljust(len(number))
                    at += len(number) - 1
        at += 1
    return bytes(patched)


NUMBERS = st.sampled_from([float("nan"), float("inf"), -float("inf"), 1.5])
TEXTS = st.text(alphabet='NaIfinty"\\ é,:', max_size=12)
JSON = st.recursive(NUMBERS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))


@given(JSON, st.booleans())
def test_numbers_that_json_lacks_become_0_wherever_they_stand(value: object, ascii: bool) -> None:
    """By the bytes that Python writes for any value, against a scanner that reads letters."""
    content = json.dumps(value, ensure_ascii=ascii).encode()
    assert _without_nan(content) == with_zeros(content)


PIECES = [
    b"NaN",
    b"Infinity",
    b"-",
    b'"',
    b'\\"',
    b"\\",
    b"N",
    b"aN",
    b"I",
    b",",
    b"[",
    b"]",
    b":",
    b"1",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_no_bytes_are_taken_for_another_notebook(outputs: bytes) -> None:
    """What is JSON by one reading is JSON by the other, with the same cells."""

    def read(reader: Callable[[bytes], bytes]) -> object:
        content = b'{"cells": [{"cell_type": "code", "source": "x", "outputs": [%s]}]}' % outputs
        try:
            return msgspec.json.decode(reader(content), type=_Notebook).cells
        except msgspec.DecodeError:
            return None

    assert read(_without_nan) == read(with_zeros)


def test_nan_in_an_output_does_no_harm_and_in_a_source_stays() -> None:
    """Plotting libraries make Jupyter write NaN into notebooks, though JSON lacks it."""
    source = 'a = "NaN, \\" -Infinity"'
    notebook = {
        "cells": [{"cell_type": "code", "source": source, "outputs": [float("nan"), -float("inf")]}]
    }
    assert cells_of(notebook) == [source]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html>", "not valid JSON: .* at line 1, column 1"),
        (b'{"cells": [],\n "a": nope}', "at line 2, column 8"),
        ('{\n"é": é}'.encode(), "at line 2, column 6"),
        (b'{"cells": [', "not valid JSON: input data was truncated at line 1, column 12"),
        (b'{"cells": []} x', "trailing characters"),
        (b"[]", "not a notebook: Expected `object`, got `array`"),
        (b"null", "not a notebook"),
        (b"{}", "no list of cells"),
        (b'{"cells": {}}', r"Expected `array.*`, got `object`"),
        (b'{"cells": [3]}', r"\$\.cells\[0\]"),
        (b'{"cells": [{"cell_type": "code", "source": 3}]}', r"\$\.cells\[0\]\.source"),
        (b'{"cells": [{"source": "x"}]}', "cell_type"),
        (b'{"cells": [], "deep": ' + b"[" * 100_000, "nested far too deeply"),
        (b'{"cells": ' + b"[" * 900 + b"]" * 900 + b"}", "not a notebook"),
        (b'{"cells": []}', "no code in it"),
        (json.dumps({"cells": [{"cell_type": "code", "source": " \n"}]}).encode(), "no code"),
        (json.dumps({"cells": [CODE] * (MAX_CELLS + 1)}).encode(), "2001 cells; at most 2000"),
        (b'{"a": NaN, "' + b'\\"' * 1_000_000, "not valid JSON"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_notebook_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as refused:
        code_cells("p1.ipynb", content)
    assert str(refused.value).isprintable()
    assert "“p1.ipynb”" in str(refused.value)


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_end_in_cells_or_a_refusal(content: bytes) -> None:
    for wrapped in (content, b'{"cells": [' + content + b"]}", b'{"cells":[],"x":"' + content):
        with pytest.raises(Refused):
            code_cells("p1.ipynb", wrapped)


@given(st.lists(st.text()))
def test_any_sources_survive_the_notebook_format(sources: list[str]) -> None:
    notebook = {"cells": [CODE, *({"cell_type": "code", "source": text} for text in sources)]}
    content = json.dumps(notebook, ensure_ascii=False)
    assert code_cells("p1.ipynb", content.encode()) == ["x = 1", *sources]
