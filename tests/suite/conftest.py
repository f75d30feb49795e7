"""Runs small hidden suites against small submissions, in the real examiner process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from autograder.core.assignment import Limits, Resources
from autograder.sandbox.local import LocalLauncher
from autograder.suite.job import Examination, Job
from autograder.suite.launcher import ExaminerProcess

HEAD = "import numpy as np\nimport pytest\nfrom autograder.suite import fail\n"
LIMITS = Limits(test_seconds=2.0, submission_seconds=60.0, memory_mb=512)


@pytest.fixture(scope="session")
def launcher() -> LocalLauncher:
    """Child processes: what is tested here is the examiner."""
    return LocalLauncher()


@pytest.fixture(scope="session")
def examiner() -> Iterator[ExaminerProcess]:
    """One examiner for all tests."""
    with ExaminerProcess() as examiner:
        yield examiner


@pytest.fixture
def examine(
    launcher: LocalLauncher, examiner: ExaminerProcess, tmp_path: Path
) -> Callable[..., Examination]:
    """`examine(tests, submission)` with the text of a test file and of a module."""

    def run(
        tests: str,
        submission: str,
        seed: bytes = b"seed",
        requires: tuple[str, ...] = (),
        entry: str = "submission.py",
        files: tuple[tuple[str, bytes], ...] = (),
        limits: Limits = LIMITS,
    ) -> Examination:
        suite = tmp_path / "hidden"
        suite.mkdir(exist_ok=True)
        (suite / "test_hidden.py").write_text(HEAD + tests)
        source = f"import numpy as np\n{submission}"
        is_notebook = entry.endswith(".ipynb")
        content = msgspec.json.encode([source]) if is_notebook else source.encode()
        with launcher.start(limits, Resources()) as sandbox:
            job = Job(
                suite=str(suite),
                files=((entry, content), *files),
                entry=entry,
                requires=requires,
                limits=limits,
                seed=seed,
                limits_memory=False,
                pid=sandbox.pid,
            )
            return examiner.examine(job, sandbox.socket)

    return run
