"""A real browser shows the pages: the policy blocks nothing of ours, and no script runs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.core.results import Outcome
from autograder.reports.pages import write_report

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on PATH: apt-get install chromium"),
]

SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def _open(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The page's DOM after loading, and what the browser's console said."""
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --dump-dom"
    flags += " --disable-background-networking --disable-component-update --disable-sync"
    flags += " --enable-logging=stderr"
    done = subprocess.run(
        [CHROMIUM, *flags.split(), f"--user-data-dir={profile}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture
def index(build, tmp_path: Path) -> Path:
    failed = build.test(title=SCRIPT, outcome=Outcome.FAILED, message=SCRIPT, hint=SCRIPT)
    report = build.report(build.submission("kim", tests=(failed,)), names={"kim": SCRIPT})
    return write_report(tmp_path / "report", report)


@pytest.mark.parametrize("page", ["index.html", "students/kim.html"])
def test_nothing_is_blocked_and_no_script_runs(index: Path, tmp_path: Path, page: str) -> None:
    dom, console = _open(index.parent / page, tmp_path / "profile")
    assert console == []
    assert "&lt;script&gt;document.title='owned'" in dom
    assert "<title>owned" not in dom


def test_the_console_would_tell_of_a_blocked_style(index: Path, tmp_path: Path) -> None:
    html = index.read_text(encoding="utf-8").replace("<style>", "<style>/* not ours */", 1)
    index.write_text(html, encoding="utf-8")
    _, console = _open(index, tmp_path / "profile")
    assert any("Content Security Policy" in line for line in console)


def test_the_policy_stops_a_script_that_got_into_a_page(index: Path, tmp_path: Path) -> None:
    html = index.read_text(encoding="utf-8").replace("</main>", f"{SCRIPT}</main>", 1)
    index.write_text(html, encoding="utf-8")
    dom, console = _open(index, tmp_path / "profile")
    assert "<title>owned" not in dom
    assert any("Content Security Policy" in line for line in console)
