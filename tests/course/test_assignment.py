"""`assignment.toml`: what is accepted, and what the refusals say."""

from pathlib import Path

import pytest

from autograder.core.assignment import Assignment, Limits, Resources
from autograder.course import load_assignment
from autograder.errors import ConfigurationError

GOOD = """
title = "Layers"
component = "practicals"
requires = ["Linear", "ReLU"]

[limits]
test_seconds = 5

[resources]
image = "torch-cpu"
gpus = 0.5
"""


def load(tmp_path: Path, text: str, slug: str = "p1-layers") -> Assignment:
    folder = tmp_path / slug
    folder.mkdir()
    (folder / "assignment.toml").write_text(text, encoding="utf-8")
    return load_assignment(folder)


def test_an_assignment_is_read_with_its_folder_as_slug(tmp_path: Path) -> None:
    assignment = load(tmp_path, GOOD)
    assert assignment == Assignment(
        slug="p1-layers",
        title="Layers",
        component="practicals",
        folder=tmp_path / "p1-layers",
        requires=("Linear", "ReLU"),
        limits=Limits(test_seconds=5),
        resources=Resources(image="torch-cpu", gpus=0.5),
    )
    assert assignment.suite == tmp_path / "p1-layers" / "hidden"


def test_a_relative_folder_gives_an_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path / "p1-layers")
    assert load_assignment(Path()).folder == tmp_path / "p1-layers"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "test_seconds",
            "test_second",
            "limits.test_second = 5: unknown field; did you mean test_seconds?",
        ),
        ("= 5", "= 0", "limits.test_seconds = 0.0: not above 0"),
        ("= 5", "= nan", "limits.test_seconds = nan: not above 0"),
        ("= 5", "= 1e9", "limits.test_seconds = 1000000000.0: not above 0, up to 1000000"),
        ("= 5", "= '5 s'", "limits.test_seconds = '5 s': expected `float`, got `str`"),
        ("0.5", "-1", "resources.gpus = -1.0: not in 0 … 1000000; 0 means the CPU"),
        ("0.5", "1.5", "resources.gpus = 1.5: not whole; above 1 a submission gets whole"),
        ("= 5", "= 5\ngpu_memory_mb = 0", "limits.gpu_memory_mb = 0: not above 0"),
        ('"torch-cpu"', '""', "resources.image = '': empty; name an image"),
        ('"ReLU"', '"p1.ReLU"', "requires = 'p1.ReLU': not a Python name"),
        ('"ReLU"', "3", "requires[1] = 3: expected `str`, got `int`"),
        ('"Layers"', '" "', "title = ' ': empty"),
        ("title =", 'slug = "p2"\ntitle =', "slug = 'p2': always 'p1-layers' here; remove"),
        ("title =", 'folder = "/etc"\ntitle =', "folder = '/etc': always"),
        ('component = "practicals"', "", "top level: component is missing; add it"),
    ],
)
def test_a_wrong_file_is_refused_with_field_value_and_remedy(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refusal:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert str(tmp_path / "p1-layers" / "assignment.toml") in str(refusal.value)
    assert message in str(refusal.value)


def test_a_folder_name_that_is_no_slug_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="folder = 'P1 layers': not a slug"):
        load(tmp_path, GOOD, slug="P1 layers")
