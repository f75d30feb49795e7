"""IPython's syntax is taken out of cells, and only where it stops them from being Python."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.agent.magics import parse, python_of


def python(cell: str) -> str:
    return ast.unparse(python_of(cell)[0])


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("%matplotlib inline\nx = 1", "x = 1"),
        ("!pip install torch\nx = 1", "x = 1"),
        ("!echo \"it's ( ''' $HOME\nx = 1", "x = 1"),
        ("pip install torch\nx = 1", "x = 1"),
        ("!pip install \\\n    torch\nx = 1", "x = 1"),
        ("files = !ls\nx = 1", "x = 1"),
        ("a, b = %sx ls\nx = 1", "x = 1"),
        ("np.ones?\nx = 1", "x = 1"),
        ("??np.ones\nx = 1", "x = 1"),
        ("x = 1\nx.real??", "x = 1"),
        ("%time f(1)", "f(1)"),
        ("y = %time f(1)", "y = f(1)"),
        ("%time y = f(1)", "y = f(1)"),
        ("%time\nx = 1", "x = 1"),
        ("%timeit f(1)\nx = 1", "x = 1"),
        ("%%time\nx = 1", "x = 1"),
        ("\n\n# slow\n%%timeit -n 1\nx = 1", "x = 1"),
        ("%%capture out\n%%time\n%matplotlib inline\nx = 1", "x = 1"),
        ("%%bash\nx = 1", ""),
        ("%%html\n<b>x</b>", ""),
        ("# a file\n%%writefile helper.py\nx = 1", ""),
        ("%%time", ""),
        ("  x = 1\n  y = 2", "x = 1\ny = 2"),
        ("x = 1\r\n%time y = 2\r\n", "x = 1\ny = 2"),
        ("await f()", "await f()"),
    ],
)
def test_the_python_of_a_cell_is_left(cell: str, left: str) -> None:
    assert python(cell).replace("pass", "").strip() == left


@pytest.mark.parametrize(
    "cell",
    [
        "x = (a\n% b)",
        "s = '''\n%time f()\n!ls\nwhat?\n'''",
        "# why?\nx = 1",
        "x = a \\\n% b",
        "if x:\n    pass  # !ls",
    ],
)
def test_a_cell_that_is_python_is_taken_as_it_is(cell: str) -> None:
    module, left_out = python_of(cell)
    assert ast.dump(module) == ast.dump(ast.parse(cell))
    assert left_out == []


def test_python_beside_a_magic_is_not_taken_for_one() -> None:
    cell = "%matplotlib inline\nx = (a\n% b)\ns = '''\n!ls\n'''\n!ls"
    assert python(cell) == "pass\nx = a % b\ns = '\\n!ls\\n'\npass"


def test_a_block_that_a_magic_has_filled_stays_a_block() -> None:
    assert python("for i in y:\n    !ls $i\nx = 1") == "for i in y:\n    pass\nx = 1"


def test_lines_keep_their_numbers() -> None:
    module, _ = python_of(
        "%matplotlib inline\n\n!pip install \\\n  a \\\n  b\nx = 1\n%%time\ny = 2"
    )
    lines = {node.targets[0].id: node.lineno for node in module.body if hasattr(node, "targets")}
    assert lines == {"x": 6, "y": 8}


def test_what_was_left_out_is_said_with_its_line() -> None:
    _, left_out = python_of("%%time\nx = 1\n!ls -l\n%time y = 2\nx?")
    assert left_out == [(1, "%%time"), (3, "!ls -l"), (4, "%time"), (5, "x?")]
    _, left_out = python_of("\n%%bash -x\nls")
    assert left_out == [(2, "%%bash -x and the rest of the cell")]


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("x = 1\ny = = 2", 2),
        ("%matplotlib inline\ndef f(:\n    pass", 2),
        ("x = foo(  # why?", 1),
        ("x = 1\n    y = 2", 2),
        ("x = 1\0", None),
        ("(" * 10_000, None),
        ("-" * 200_000 + "1", None),
        ("print 'hello'", 1),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_python_even_then_is_a_syntax_error(cell: str, line: int | None) -> None:
    with pytest.raises(SyntaxError) as raised:
        python_of(cell)
    assert line is None or raised.value.lineno == line


@given(st.text(alphabet="%!?x=1 \n\\()'\"#:ab,pils", max_size=60))
def test_any_cell_ends_as_python_or_a_syntax_error(cell: str) -> None:
    try:
        module, _ = python_of(cell)
    except SyntaxError:
        return
    compile(module, "cell", "exec")


@given(st.lists(st.sampled_from(["%magic", "!ls '", "x?", "f(1)", "if a:\n    !b", "x = !c"])))
def test_any_mixture_of_good_lines_is_python(lines: list[str]) -> None:
    module, left_out = python_of("\n".join(lines))
    assert len(left_out) == sum(line != "f(1)" for line in lines)
    assert ast.unparse(module).count("f(1)") == lines.count("f(1)")


def test_parse_raises_nothing_but_syntax_errors() -> None:
    for source in ("\0", "+" * 500_000 + "1", "x" * 10_000 + "."):
        with pytest.raises(SyntaxError):
            parse(source)


@pytest.mark.parametrize("indent", ["", "    "])
def test_a_line_that_is_too_much_for_the_parser_is_named(indent: str) -> None:
    """It raises RecursionError, and says nothing of where."""
    endless = f"{indent}x = {' + '.join('1' * 30_000)}"
    before = "import numpy\n\ntext = '''\nno statement(\n'''\n"
    source = f"{before}def f():\n    return 1\n\n{'def g():' if indent else ''}\n{endless}\n"
    with pytest.raises(SyntaxError) as error:
        python_of(source)
    assert error.value.lineno == 10
