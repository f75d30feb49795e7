"""From the bytes of a notebook to the sources of its code cells."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.notebook import MAX_CELLS, code_cells
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
