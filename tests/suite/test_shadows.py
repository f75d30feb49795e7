"""Files of a submission that have the name of a library."""

import pytest

from autograder.core.assignment import Limits
from autograder.suite.job import Job
from autograder.suite.shadows import hidden_libraries


@pytest.mark.parametrize(
    ("files", "hidden"),
    [
        (["numpy.py"], ["numpy.py"]),
        (["numpy/__init__.py", "numpy/core.py"], ["numpy/"]),
        (["random.py", "torch.py"], ["random.py", "torch.py"]),
        (["utils.py", "test.py", "data/numpy.py", "numpy/readme.txt", "numpy.csv"], []),
    ],
)
def test_a_file_that_hides_a_library_is_said(files: list[str], hidden: list[str]) -> None:
    for folder in ("", "src/"):
        job = Job(
            suite="",
            files=tuple((folder + name, b"") for name in [*files, "p1.py"]),
            entry=f"{folder}p1.py",
            requires=(),
            limits=Limits(),
            seed=b"",
            limits_memory=True,
            pid=0,
        )
        notes = list(hidden_libraries(job))
        assert [note.split()[1] for note in notes] == hidden
