"""What of a submission is executed: the rule of the module's docstring, sentence by sentence."""

import inspect
import json
import linecache
import subprocess
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.agent.extraction import Extraction, execute, extract

LINEAR = "class Linear:\n    pass"


def extracted(cells: Sequence[str], *roots: str) -> Extraction:
    return extract("p1.ipynb", json.dumps(cells).encode(), roots or ("Linear",))


def kept(cells: Sequence[str], *roots: str) -> list[tuple[str, int]]:
    """Label and line of each statement that is executed."""
    extraction = extracted(cells, *roots)
    return [(unit.label, line) for unit in extraction.units for line, _ in unit.statements]


def run(cells: Sequence[str], *roots: str) -> tuple[dict[str, Any], list[str]]:
    """The namespace that the cells leave behind, and the notes on their execution."""
    namespace: dict[str, Any] = {"__name__": "submission"}
    notes = execute(extracted(cells, *roots), namespace)
    return namespace, notes


def lines_kept(cell: str, *roots: str) -> list[int]:
    return [line for _, line in kept([cell], *roots)]


def test_a_module_is_executed_as_it_is() -> None:
    namespace: dict[str, Any] = {}
    extraction = extract("solution.py", b"if True:\n    x = 1\ny = [x]\ny.append(2)", ("z",))
    assert execute(extraction, namespace) == []
    assert (namespace["x"], namespace["y"]) == (1, [1, 2])


def test_a_module_that_is_no_python_raises_like_an_import() -> None:
    with pytest.raises(SyntaxError) as raised:
        extract("solution.py", b"x = 1\ny = = 2", ())
    assert (raised.value.filename, raised.value.lineno) == ("solution.py", 2)
    for content in (b"x = 1\0", b"-" * 500_000 + b"1"):
        with pytest.raises(SyntaxError):
            extract("solution.py", content, ())


def test_what_a_module_raises_propagates_with_its_file_and_line() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        execute(extract("solution.py", b"x = 1\ny = 1 / 0", ()), {})
    frame = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.line) == ("solution.py", 2, "y = 1 / 0")


def test_prints_plots_training_and_unused_imports_are_left_out() -> None:
    cells = [
        "import otter\ngrader = otter.Notebook()",
        "import numpy as np\nimport matplotlib.pyplot as plt\nimport torch, sys",
        "class Linear:\n    def forward(self, x):\n        return np.asarray(x)",
        "layer = Linear()\nprint(layer.forward([1.0]))\nplt.plot([1])\nlayer.forward([2.0])",
        "for epoch in range(10**12):\n    loss = layer.forward([1.0])",
        "grader.check('q1')",
    ]
    assert kept(cells) == [("cell 2", 1), ("cell 3", 1)]
    namespace, notes = run(cells)
    assert notes == []
    assert namespace["Linear"]().forward([1.0]) == [1.0]


@pytest.mark.parametrize(
    ("definition", "use"),
    [
        ("import math as W", "def Linear(): return W.pi"),
        ("from math import pi as W, e", "def Linear(): return W"),
        ("def W(): return 1", "def Linear(): return W()"),
        ("class W: pass", "class Linear(W): pass"),
        ("W = 1", "class Linear:\n    a = W"),
        ("W = 1", "class Linear:\n    def f(self, x=W): pass"),
        ("W = 1", "class Linear:\n    def f(self, x: W): pass"),
        ("W = 1", "class Linear:\n    W = W"),
        ("def W(f): return f", "@W\nclass Linear: pass"),
        ("def W(f): return f", "class Linear:\n    @W\n    def f(self): pass"),
        ("class W(type): pass", "class Linear(metaclass=W): pass"),
        ("W = 1", "def Linear():\n    return lambda: [W for _ in 'a']"),
        ("W = 1", "def Linear():\n    global W\n    W += 1"),
        ("W = 1", "Linear = [W * x for x in 'ab']"),
        ("a, (W, *b) = 1, (2, 3)", "def Linear(): return W"),
        ("a = W = 1", "def Linear(): return W"),
        ("W: int = 1", "def Linear(): return W"),
        ("print(W := 1)", "def Linear(): return W"),
        ("[W := x for x in 'ab']", "def Linear(): return W"),
        ("if True:\n    W = 1\nelse:\n    W = 2", "def Linear(): return W"),
        ("try:\n    import math as W\nexcept ImportError:\n    W = None", "def Linear(): return W"),
        ("with open('/dev/null') as W:\n    pass", "def Linear(): return W"),
        ("for W in range(3):\n    pass", "def Linear(): return W"),
        ("while True:\n    W = 1\n    break", "def Linear(): return W"),
        ("match 1:\n    case W:\n        pass", "def Linear(): return W"),
        ("def init():\n    global W\n    W = 1\ninit()", "def Linear(): return W"),
    ],
)
def test_whatever_binds_a_name_that_is_used_is_kept(definition: str, use: str) -> None:
    namespace, notes = run([definition + "\nunused = 1", use])
    assert notes == []
    assert {"W", "Linear"} <= namespace.keys()
    assert "unused" not in namespace
    if isinstance(namespace["Linear"], type(run)):
        namespace["Linear"]()


@pytest.mark.parametrize(
    "use",
    [
        "def Linear(W): return W",
        "def Linear():\n    W = 1\n    return W",
        "def Linear(): return [W for W in 'ab']",
        "def Linear(): return lambda W: W",
        "def Linear(): return self.W",
        "def Linear(): return dict(W=1)",
        "class Linear:\n    W = 1\n    def f(self): return self.W",
        "def Linear():\n    W = 1\n    def f():\n        nonlocal W\n        W = 2",
        "def Linear():\n    import W",
    ],
)
def test_a_local_name_is_not_taken_for_a_global_one(use: str) -> None:
    assert kept(["W = 1", use]) == [("cell 2", 1)]


@pytest.mark.parametrize(
    "change",
    [
        "Linear.forward = fast",
        "Linear.forward.scale = fast",
        "setattr(Linear, 'forward', fast)",
        "for name in ['forward']:\n    setattr(Linear, name, fast)",
        "del Linear.slow",
        "if True:\n    Linear.forward = fast",
        "def patch():\n    Linear.forward = fast\npatch()",
    ],
)
def test_what_changes_a_required_class_is_kept(change: str) -> None:
    cells = [
        "def fast(self):\n    pass",
        "class Linear:\n    slow = 1\n    def forward(self): pass",
    ]
    last = change.count("\npatch") + 1
    assert len(kept([*cells, change])) >= 2 + last - ("fast" not in change)
    assert run([*cells, change])[1] == []
    assert ("cell 3", 1) in kept([*cells, change])


@pytest.mark.parametrize(
    "change",
    [
        "table[0] = 2",
        "table += [2]",
        "table.append(2)",
        "for i in range(2):\n    table.append(i)",
        "with open('/dev/null') as f:\n    table.extend(f)",
        "del table[0]",
        "table[0].value += 1",
        "def fill():\n    table.append(1)\nfill()",
        "def register(f):\n    table.append(f)\n    return f\n@register\ndef other(): pass",
        "@table.register\ndef other(): pass",
    ],
)
def test_what_changes_a_table_that_is_used_is_kept(change: str) -> None:
    cells = ["table = [1]", "def Linear():\n    return table", change]
    statements = kept(cells)
    assert statements[:2] == [("cell 1", 1), ("cell 2", 1)]
    assert statements[2:]
    assert kept([cells[0], "def Linear(): pass", change]) == [("cell 2", 1)]


def test_reading_a_table_is_no_change() -> None:
    cells = ["import math\ntable = [1]\ndef Linear():\n    return table, math"]
    reads = "print(table[0])\nprint(table.copy())\ntable[0]\nlen(table)\nx = table[0]\nmath.sin(1)"
    assert kept([*cells, reads]) == [("cell 1", 1), ("cell 1", 2), ("cell 1", 3)]


def test_settings_of_packages_that_are_used_are_kept() -> None:
    settings = "np.random.seed(0)\nnp.seterr(all='ignore')\nplt.set_cmap('x')\nnp.ones(3)"
    cells = ["import numpy as np, matplotlib.pyplot as plt", settings, "Linear = np.ones"]
    assert kept(cells) == [("cell 1", 1), ("cell 2", 1), ("cell 2", 2), ("cell 3", 1)]


@pytest.mark.parametrize(
    "cell",
    [
        "import sys\nsys.setrecursionlimit(12345)",
        "from sys import setrecursionlimit as s, setrecursionlimit\nsetrecursionlimit(12345)",
    ],
)
def test_the_recursion_limit_is_kept_though_nothing_uses_it(cell: str) -> None:
    before = sys.getrecursionlimit()
    try:
        assert run([cell, LINEAR])[1] == []
        assert sys.getrecursionlimit() == 12345
    finally:
        sys.setrecursionlimit(before)


def test_star_imports_are_kept() -> None:
    namespace, _ = run(["from math import *\nimport os", "def Linear(): return cos(0)"])
    assert namespace["Linear"]() == 1
    assert "os" not in namespace


def test_future_imports_hold_in_later_cells() -> None:
    cells = [
        "from __future__ import annotations",
        "class Linear:\n    def f(self, x: Missing): pass",
    ]
    namespace, notes = run(cells)
    assert notes == []
    assert namespace["Linear"].f.__annotations__ == {"x": "Missing"}


def test_the_last_of_several_definitions_holds() -> None:
    cells = ["def Linear(): return 1", "old = Linear\ndef Linear(): return old() + 1", "x = 1"]
    assert run(cells)[0]["Linear"]() == 2
    assert len(kept(cells)) == 3


def test_deleting_a_name_alone_is_left_out() -> None:
    assert "W" in run(["W = 1\ndef Linear(): return W", "del W"])[0]


def test_of_an_import_of_several_names_only_the_used_ones_are_kept() -> None:
    cells = [
        "import math, nowhere\nfrom os import path, nothing",
        "def Linear(): return math, path",
    ]
    namespace, notes = run(cells)
    assert notes == []
    assert {"math", "path"} <= namespace.keys()


def test_recursive_and_mutually_recursive_functions_end() -> None:
    cells = ["def Linear(): return other()", "def other(): return Linear()", "def third(): third()"]
    assert kept(cells) == [("cell 1", 1), ("cell 2", 1)]


def test_several_roots_and_missing_ones() -> None:
    assert kept(["def a(): pass\ndef b(): pass\ndef c(): pass"], "c", "a", "nowhere") == [
        ("cell 1", 1),
        ("cell 1", 3),
    ]


def test_without_roots_all_definitions_and_what_they_need_are_kept() -> None:
    cell = "import os\nimport sys\nW = 1\nx = 2\ndef f(): return W, os\nclass C: pass\nprint(x)"
    extraction = extract("p1.ipynb", json.dumps([cell]).encode(), ())
    assert [line for line, _ in extraction.units[0].statements] == [1, 3, 5, 6]


def test_a_statement_that_raises_loses_only_itself() -> None:
    cells = ["import nowhere\nW = 1 / 0\nV = 2", "def Linear(): return V, W, nowhere", "raise 1"]
    namespace, notes = run(cells)
    assert namespace["V"] == 2
    assert "Linear" in namespace
    assert notes == [
        "cell 1, line 1: ModuleNotFoundError: No module named 'nowhere'",
        "cell 1, line 2: ZeroDivisionError: division by zero",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "exit()",
        "(_ for _ in ()).throw(E)",
        "f()",
        "input()",
        "[0] * 10**15",
    ],
)
def test_no_exception_stops_the_cells_after_it(
    expression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    hostile = "class E(Exception):\n    def __str__(self): raise self\ndef f(): return f()"
    namespace, notes = run([hostile, f"W = {expression}", "def Linear(): return W"])
    assert len(notes) == 1
    assert notes[0].startswith("cell 2, line 1: ")
    assert "Linear" in namespace


def test_notes_name_the_cell_and_line_of_what_was_left_out() -> None:
    cells = [
        "%matplotlib inline\nimport math",
        "",
        "def broken(:\n    pass",
        "%%bash\nls",
        "x = 1\nreturn x\nclass Linear: pass",
        "x = '\0'",
        "-" * 200_000 + "1",
    ]
    extraction = extracted(cells)
    assert extraction.notes[:5] == (
        "cell 1, line 1 was left out: %matplotlib inline",
        "cell 3 was left out: line 1: invalid syntax",
        "cell 4, line 1 was left out: %%bash and the rest of the cell",
        "cell 5, line 2 was left out: 'return' outside function",
        "cell 6 was left out: line 1: source code string cannot contain null bytes",
    )
    assert extraction.notes[5].startswith("cell 7 was left out: line 1: ")
    assert [unit.label for unit in extraction.units] == ["cell 5"]


def test_tracebacks_show_the_students_cell_line_and_text() -> None:
    namespace, _ = run(["x = 1", "%%time\n\ndef Linear():\n    return 1 / 0"])
    with pytest.raises(ZeroDivisionError) as raised:
        namespace["Linear"]()
    frame = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert (frame.filename, frame.lineno, frame.line) == ("cell 2", 4, "return 1 / 0")
    assert inspect.getsource(namespace["Linear"]) == "def Linear():\n    return 1 / 0"


def test_await_outside_of_functions_is_executed() -> None:
    cells = ["async def f(): return 7", "W = await f()", "def Linear(): return W"]
    assert run(cells)[0]["Linear"]() == 7


def test_the_name_of_a_class_in_a_message_is_its_own() -> None:
    namespace, _ = run([LINEAR])
    assert repr(namespace["Linear"]) == "<class 'submission.Linear'>"


def test_the_plots_library_need_not_be_there(tmp_path) -> None:
    """In a process where matplotlib and torch cannot be imported, the layer works."""
    for name in ("matplotlib", "torch"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not in this image')")
    cells = [
        "import torch\nimport matplotlib.pyplot as plt\nimport numpy as np",
        "def show(x):\n    plt.plot(torch.tensor(x))",
        "class Linear:\n    def forward(self, x):\n        return np.sum(x)",
        "show(Linear().forward([1]))",
    ]
    program = (
        "import json, sys; from autograder.agent.extraction import extract, execute\n"
        "extraction = extract('a.ipynb', sys.argv[1].encode(), ['Linear']); namespace = {}\n"
        "print(execute(extraction, namespace), namespace['Linear']().forward([1, 2]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, json.dumps(cells)],
        env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "[] 3\n"


@given(st.permutations(range(4)))
def test_statements_are_executed_in_the_order_of_the_notebook(order: list[int]) -> None:
    cells = ["trace = []", *(f"trace.append({n})" for n in order), "def Linear(): return trace"]
    assert run(cells)[0]["Linear"]() == order


def teardown_module() -> None:
    """The sources of the cells above would show up in the tracebacks of other tests."""
    linecache.clearcache()
