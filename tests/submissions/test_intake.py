"""A path becomes a submission, or the reason why not."""

import io
import json
import os
import zipfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.assignment import Assignment, Limits
from autograder.submissions.intake import Submission, digest_of, read_submission
from autograder.submissions.rejection import Rejection

ASSIGNMENT = Assignment(
    slug="p1-layers",
    title="Layers",
    component="practicals",
    folder=Path("assignments/p1-layers"),
    requires=("Linear",),
    limits=Limits(upload_mb=1),
)
SOURCE = "class Linear:\n    pass\n"


def notebook(*sources: str) -> bytes:
    cells = [nbformat.v4.new_code_cell(source) for source in sources or (SOURCE,)]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def handed_in(path: Path, content: bytes | dict[str, bytes]) -> Path:
    """A file, or a folder of files, at the path."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        for name, part in content.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(part)
    return path


def accepted(path: Path) -> Submission:
    submission = read_submission(path, ASSIGNMENT)
    assert isinstance(submission, Submission), submission
    return submission


def rejected(path: Path) -> Rejection:
    rejection = read_submission(path, ASSIGNMENT)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.reason.isprintable()
    return rejection


def test_a_notebook_is_reduced_to_its_code_cells(tmp_path: Path) -> None:
    submission = accepted(handed_in(tmp_path / "kim.ipynb", notebook("x = 1", "y = 'é'")))
    assert submission.student == "kim"
    assert submission.entry == "p1-layers.ipynb"
    assert [file.name for file in submission.files] == ["p1-layers.ipynb"]
    assert json.loads(submission.files[0].content) == ["x = 1", "y = 'é'"]


def test_a_module_is_taken_as_it_is_without_its_byte_order_mark(tmp_path: Path) -> None:
    submission = accepted(handed_in(tmp_path / "kim.py", b"\xef\xbb\xbf" + SOURCE.encode()))
    assert submission.entry == "p1-layers.py"
    assert submission.files[0].content == SOURCE.encode()


def test_the_digest_is_the_same_however_the_code_is_saved_and_packed(tmp_path: Path) -> None:
    """Outputs, execution counts, metadata, cell ids, markdown, packing and names do not count."""
    plain = json.loads(notebook())
    dressed = json.loads(notebook())
    dressed["metadata"] = {"kernelspec": {"name": "other", "display_name": "x"}}
    dressed["cells"][0] |= {
        "id": "changed",
        "execution_count": 7,
        "metadata": {"tags": ["x"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "1e9"}],
        "source": SOURCE.splitlines(keepends=True),
    }
    dressed["cells"].insert(0, nbformat.v4.new_markdown_cell("# My homework"))
    name = "p1-layers.ipynb"
    first, second = (json.dumps(version, indent=2).encode() for version in (plain, dressed))
    paths = [
        handed_in(tmp_path / "kim.ipynb", first),
        handed_in(tmp_path / "lee.ipynb", b"\xef\xbb\xbf" + second),
        handed_in(tmp_path / "ann.zip", zip_of({name: first})),
        handed_in(tmp_path / "bob.zip", zip_of({"bob/" + name: second, "__MACOSX/._x": b"x"})),
        handed_in(tmp_path / "eve", {name: second, ".ipynb_checkpoints/" + name: first}),
        handed_in(tmp_path / "dan", {"upload.zip": zip_of({name: first, "report.pdf": b"%PDF"})}),
    ]
    submissions = [accepted(path) for path in paths]
    assert len({submission.digest for submission in submissions}) == 1
    assert [submission.student for submission in submissions] == [
        "kim",
        "lee",
        "ann",
        "bob",
        "eve",
        "dan",
    ]


def test_other_code_has_another_digest(tmp_path: Path) -> None:
    texts = [("x = 1",), ("x = 2",), ("x = 1", ""), ("x", " = 1")]
    paths = [handed_in(tmp_path / f"{n}.ipynb", notebook(*cells)) for n, cells in enumerate(texts)]
    assert len({accepted(path).digest for path in paths}) == len(texts)


@given(st.dictionaries(st.text(), st.binary(), max_size=5), st.randoms())
def test_the_digest_does_not_depend_on_the_order_of_files(files, random) -> None:
    items = list(files.items())
    random.shuffle(items)
    assert digest_of(dict(items)) == digest_of(files)


@given(st.binary(), st.binary())
def test_the_digest_tells_where_one_file_ends_and_the_next_begins(one: bytes, two: bytes) -> None:
    assert digest_of({"a": one, "b": two}) != digest_of({"a": one + b"b" + two})
    assert (digest_of({"a": one, "b": two}) == digest_of({"a": two, "b": one})) == (one == two)


def test_helpers_and_data_travel_along_and_other_notebooks_do_not(tmp_path: Path) -> None:
    path = handed_in(
        tmp_path / "kim",
        {
            "p1_layers.ipynb": notebook(),
            "scratch.ipynb": b"not even JSON",
            "helper.py": b"y = 2",
            "data/w.npy": b"\x93NUMPY",
            "report.pdf": b"%PDF",
        },
    )
    submission = accepted(path)
    assert submission.entry == "p1_layers.ipynb"
    assert [file.name for file in submission.files] == [
        "data/w.npy",
        "helper.py",
        "p1_layers.ipynb",
    ]


@pytest.mark.parametrize(
    ("names", "entry"),
    [
        (["p1-layers.py", "other.ipynb"], "p1-layers.py"),
        (["p1-layers.py", "p1-layers.ipynb"], "p1-layers.ipynb"),
        (["P1_Layers.ipynb", "a.ipynb"], "P1_Layers.ipynb"),
        (["a.ipynb", "b.py", "c.py"], "a.ipynb"),
        (["solution.py", "data.csv"], "solution.py"),
        (["pkg/__init__.py", "pkg/solution.py", "x.csv"], "pkg/solution.py"),
    ],
)
def test_the_main_file_is_found(tmp_path: Path, names: list[str], entry: str) -> None:
    files = {name: notebook() if name.endswith("ipynb") else SOURCE.encode() for name in names}
    assert accepted(handed_in(tmp_path / "kim", files)).entry == entry
    assert accepted(handed_in(tmp_path / "kim.zip", zip_of(files))).entry == entry


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"b.ipynb": b"", "a.ipynb": b""}, "which file to grade: “a.ipynb”, “b.ipynb”. Name the"),
        ({"b.py": b"", "a.py": b""}, "Name the main one “p1-layers.py”"),
        ({f"{n}.py": b"" for n in range(9)}, "and 4 more"),
        ({"data.csv": b"1"}, "no notebook .* Hand in “p1-layers.ipynb”"),
        ({"report.pdf": b"1"}, "There is no notebook"),
        ({"a.zip": b"", "b.zip": b""}, "another archive, “a.zip”"),
        ({"p1-layers.ipynb": b""}, "“p1-layers.ipynb” is empty"),
        ({"p1-layers.ipynb": b"{}"}, "not a notebook"),
        ({"p1-layers.py": b"\xff\xfex\0"}, r"not UTF-8 text \(first at line 1\)"),
        ({"p1-layers.py": "x = 1\ny = 'é'".encode("latin-1")}, r"first at line 2"),
        ({"p1-layers.py": b"x = 1\0"}, "zero bytes"),
    ],
)
def test_a_folder_or_archive_that_cannot_be_graded_is_rejected(
    tmp_path: Path, files: dict[str, bytes], reason: str
) -> None:
    for path in (
        handed_in(tmp_path / "kim", files),
        handed_in(tmp_path / "kim.zip", zip_of(files)),
    ):
        rejection = rejected(path)
        assert rejection.student == "kim"
        assert len(rejection.digest) == 64
        with pytest.raises(AssertionError, match=reason):
            raise AssertionError(rejection.reason)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("kim.pdf", b"%PDF", "Hand in a notebook"),
        ("kim", b"x = 1", "Hand in a notebook"),
        ("kim.ipynb.txt", b"{}", "Hand in a notebook"),
        ("kim.tar", b"", "Hand in a notebook"),
        ("kim.ipynb", b"", "is empty"),
        ("kim.py", b" \n", "is empty"),
        ("kim.zip", b"", "not a zip archive"),
        ("kim.zip", notebook(), "not a zip archive"),
        ("kim.zip", zip_of({}), "There is no notebook"),
        ("kim.zip", zip_of({"../p1-layers.py": b"x = 1"}), "does not stay inside"),
        ("kim.zip", zip_of({"inner.zip": zip_of({})}), "another archive, “inner.zip”"),
        ("kim\n.py", b"x = 1", "control or invisible"),
        ("aux.py", b"x = 1", "device"),
    ],
)
def test_a_file_that_cannot_be_graded_is_rejected(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    assert reason in rejected(handed_in(tmp_path / name, content)).reason


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    assert "There is no notebook" in rejected(tmp_path).reason


def test_saved_outputs_count_for_the_cap_and_the_reason_says_to_clear_them(tmp_path: Path) -> None:
    content = json.loads(notebook())
    content["cells"][0]["outputs"] = ["x" * 2**20]
    rejection = rejected(handed_in(tmp_path / "kim.ipynb", json.dumps(content).encode()))
    assert "larger than 1 MB" in rejection.reason
    assert "Clear the outputs" in rejection.reason


def test_a_link_to_a_file_of_the_machine_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "kim.py").symlink_to("/etc/hostname")
    assert rejected(tmp_path / "kim.py").reason == "“kim.py” is a link. Hand in the file itself."


def test_names_that_are_no_text_end_in_a_rejection_that_can_be_stored(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/kim\xff.py"))
    rejection = rejected(handed_in(path, b"x = 1"))
    assert rejection.student == "kim\\udcff"
    rejection.reason.encode()


@given(st.binary(), st.sampled_from([".ipynb", ".py", ".zip", ".txt"]))
def test_any_bytes_end_as_a_value(tmp_path_factory, content: bytes, suffix: str) -> None:
    path = tmp_path_factory.getbasetemp() / f"kim{suffix}"
    path.write_bytes(content)
    result = read_submission(path, ASSIGNMENT)
    assert isinstance(result, Submission if suffix == ".py" and is_text(content) else Rejection)


def is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\0" not in text and bool(text.strip(" \t\n\r\x0b\x0c"))


def test_what_otter_exports_is_a_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    otter = pytest.importorskip("otter")
    monkeypatch.chdir(tmp_path)
    handed_in(tmp_path / "p1-layers.ipynb", notebook())
    (tmp_path / "helper.py").write_text("y = 2")
    otter.Notebook("p1-layers.ipynb").export(
        "p1-layers.ipynb",
        export_path="kim.zip",
        pdf=False,
        force_save=False,
        display_link=False,
        files=["helper.py"],
    )
    assert "__zip_filename__" in zipfile.ZipFile("kim.zip").namelist()
    submission = accepted(tmp_path / "kim.zip")
    assert [file.name for file in submission.files] == ["helper.py", "p1-layers.ipynb"]
    assert json.loads(submission.files[1].content) == [SOURCE]
