"""Is this machine ready to grade? Engine and images, database, course files."""

from collections.abc import Callable, Iterator

from autograder.errors import AutograderError, StoreError, SuiteError
from autograder.sandbox import images
from autograder.sandbox.docker import connect
from autograder.sandbox.prerequisites import Check, check_prerequisites
from autograder.suite.files import DATA_FOLDER
from autograder.usecases.workspace import Workspace


def examine(workspace: Workspace) -> list[Check]:
    """Every check, those of the machine first; a missing database URL is not checked."""
    slugs = sorted(path.parent.name for path in workspace.folder.glob("*/assignment.toml"))
    course = list(_course_checks(workspace, slugs))
    required = {"numpy"}
    for slug in slugs:
        try:
            required.add(workspace.assignment(slug).resources.image)
        except AutograderError:  # reported among the course's checks
            continue
    return [*check_prerequisites(tuple(sorted(required))), *course]


def build_image(target: str, progress: Callable[[str], None]) -> str:
    """Build a grading image; its id."""
    return images.build_image(connect(), target, progress)


def _course_checks(workspace: Workspace, slugs: list[str]) -> Iterator[Check]:
    course = None
    try:
        course = workspace.course()
        yield Check(name="course file", ok=True, found=course.title)
    except AutograderError as problem:
        yield Check(name="course file", ok=False, found=str(problem))
    for slug in slugs:
        try:
            assignment = workspace.assignment(slug)
            tests = len(list(assignment.suite.rglob("test_*.py")))
            remedy = "" if tests else f"write tests into {assignment.suite}"
            placed = course.assignment(slug) if course else None
            if placed and placed.component != assignment.component:
                remedy = (
                    f"course.toml counts it among the {placed.component}, its assignment.toml "
                    f"among the {assignment.component}: make them agree"
                )
            yield Check(
                name=slug, ok=not remedy, found=f"{tests} files of hidden tests", remedy=remedy
            )
        except AutograderError as problem:
            yield Check(name=slug, ok=False, found=str(problem))
    yield _mnist()
    if workspace.database:
        try:
            workspace.open().close()
            yield Check(name="database", ok=True, found="opens")
        except StoreError as problem:
            yield Check(name="database", ok=False, found=str(problem))


def _mnist() -> Check:
    from autograder.suite.data import mnist  # numpy, which other commands do without

    try:
        found = mnist()
    except SuiteError as problem:
        return Check(name="MNIST", ok=False, found=str(problem), remedy="autograder data FOLDER")
    if found is None:
        return Check(
            name="MNIST",
            ok=None,
            found=f"not there ({DATA_FOLDER}): suites train on scikit-learn's digits",
        )
    return Check(name="MNIST", ok=True, found=f"{len(found[1])} images to train on")
