"""What stands in a submission, read as text."""

import msgspec

from autograder.suite.source import Source

MODULE = """import numpy as np


class Linear:
    def __init__(self, d_in):
        if d_in < 1:
            raise ValueError("d_in must be "
                             f"positive, not {d_in}")
        self.W = np.zeros(d_in)

    size = lambda self: len(self.W)


def twice(x): return 2 * x
"""


def test_lines_have_the_names_that_tracebacks_give_them() -> None:
    files = [("src/helper.py", b"x = 1"), ("src/main.py", b"a\n\nb"), ("data.csv", b"1")]
    assert Source.of(files, "src/main.py").lines == {
        ("src/main.py", 1): "a",
        ("src/main.py", 3): "b",
        ("helper.py", 1): "x = 1",
    }


def test_a_notebook_has_a_file_for_each_cell() -> None:
    cells = msgspec.json.encode(["a = 1", "def f():\n    return a"])
    source = Source.of([("p1.ipynb", cells)], "p1.ipynb")
    assert source.lines["cell 2", 2] == "    return a"
    assert source.scopes["cell 2", 2] == ("f",)


def test_the_function_around_a_line_is_found_by_its_indentation() -> None:
    source = Source({"m.py": MODULE, "other.py": "    x = 1"})
    scopes = {line: scope for (file, line), scope in source.scopes.items() if file == "m.py"}
    assert scopes[1] == scopes[4] == ()
    assert scopes[5] == scopes[11] == ("Linear",)
    assert scopes[6] == scopes[7] == scopes[9] == ("Linear", "__init__")
    assert scopes[14] == ("twice",)
    assert source.scopes["other.py", 1] == ()


def test_names_and_strings_are_found_without_parsing() -> None:
    source = Source({"m.py": MODULE + "\nthis is (no Python"})
    assert {"Linear", "d_in", "np", "zeros", "Python"} <= source.identifiers
    assert source.classes == {"Linear"}
    assert "d_in must be positive, not {d_in}" in source.patterns
    assert "d_in must be " in source.strings


def test_data_in_a_submission_cost_no_memory() -> None:
    data = "DATA = '" + "0" * 3_000_000 + "'\n"
    source = Source({"m.py": data * 3 + MODULE, "more.py": "a = 1\n" * 1_000_000})
    assert source.scopes["m.py", 3 + 14] == ("twice",)
    assert len(source.lines) < 200_000
    assert max(map(len, source.strings)) < 1000
