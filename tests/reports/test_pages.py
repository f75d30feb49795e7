"""The pages say what they must, and hold nothing that a student could have put there."""

import base64
import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.core.results import Heatmap, Outcome
from autograder.reports.model import Attempt, GradeLine
from autograder.reports.pages import write_report

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</pre></td></table></style></title><script>alert(1)</script>",
    "javascript:alert(1)",
    '" onmouseover="alert(1)" style=\'color:red',
    "<svg/onload=alert(1)><style>*{display:none}</style>",
    "]]><!-- <base href=//x> <meta http-equiv=refresh content=0>",
    "{{ 7*7 }} {% include '/etc/passwd' %}",
    "&lt;script&gt; &#60;b&#62;",
    "\x1b[31m\x00\x9b\u202e\ud800",
]
OURS = re.compile(r"#a1|(\.\./)?(index|students/[a-z0-9_.-]+|assignments/[a-z0-9_.-]+)\.html")


def _tree(path: Path) -> Any:
    return html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)


def _text(path: Path) -> str:
    """What a reader sees, blanks collapsed."""
    body = next(_tree(path).iter("body"))
    return " ".join(" ".join(body.itertext()).split())


def _hostile_report(build, text: str):
    failed = build.test(
        "t2",
        title=text,
        outcome=Outcome.FAILED,
        message=text,
        hint=text,
        heatmap=Heatmap(tensor=text, rows=1, columns=2, errors=(0.0, 1.0)),
    )
    student = f"{text}~"  # nobody else's id
    mine = build.submission(
        student,
        tests=(build.test(title=text), failed),
        notes=(text,),
        mark=5.0,
        mark_note=text,
        history=(Attempt(number=1, outcome=Outcome.FAILED, score=4, points=8, note=text),),
    )
    others = [build.submission("lee", rejection=text), build.submission("max", fault=text)]
    grades = (GradeLine(student=student, grade=build.grade().grade, remark=text),)
    return build.report(mine, *others, title=text, names={student: text}, grades=grades)


def _skeleton(folder: Path) -> Counter[tuple[str, ...]]:
    """How often each element with each set of attributes stands in the report."""
    skeleton: Counter[tuple[str, ...]] = Counter()
    for page in folder.rglob("*.html"):
        for element in _tree(page).iter():
            names = sorted(map(str, element.attrib))
            assert element.tag != "script"
            assert not any(name.startswith(("on", "style", "src")) for name in names)
            assert OURS.fullmatch(element.get("href", "index.html"))
            skeleton[str(element.tag), *names] += 1
    return skeleton


@pytest.fixture(scope="module")
def harmless(build, tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, ...]]:
    folder = tmp_path_factory.mktemp("harmless")
    write_report(folder, _hostile_report(build, "harmless"))
    return _skeleton(folder)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(
    build, tmp_path: Path, harmless: Counter[tuple[str, ...]], text: str
) -> None:
    write_report(tmp_path, _hostile_report(build, text))
    assert _skeleton(tmp_path) == harmless


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters() | st.sampled_from("<>&'\"/=`{}%-!"), min_size=1, max_size=60))
def test_no_text_adds_an_element_or_an_attribute(
    build, tmp_path_factory: pytest.TempPathFactory, harmless: Counter[tuple[str, ...]], text: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write_report(folder, _hostile_report(build, text))
    assert _skeleton(folder) == harmless


def test_hostile_text_is_shown_as_it_stands(build, tmp_path: Path) -> None:
    index = write_report(tmp_path, _hostile_report(build, "<b>&amp;\x1b[31m</b>"))
    assert r"<b>&amp;\x1b[31m</b>" in _text(index)


def test_a_policy_admits_the_one_style_sheet_and_nothing_else(build, tmp_path: Path) -> None:
    write_report(tmp_path, _hostile_report(build, "kim"))
    for page in tmp_path.rglob("*.html"):
        tree = _tree(page)
        (style,) = tree.iter("style")
        digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
        (policy,) = (
            meta.get("content")
            for meta in tree.iter("meta")
            if meta.get("http-equiv") == "Content-Security-Policy"
        )
        assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]


def test_every_link_leads_to_a_page_of_the_report(build, tmp_path: Path) -> None:
    ids = ["kim", "../../etc/passwd", "KIM", "a b", "李", ".", ""]
    index = write_report(tmp_path, build.report(*map(build.submission, ids)))
    assert len(list((tmp_path / "students").iterdir())) == len(ids)
    for page in tmp_path.rglob("*.html"):
        for link in _tree(page).iter("a"):
            assert (page.parent / link.get("href")).resolve().is_relative_to(tmp_path)
            assert (page.parent / link.get("href")).is_file()
    assert sum(link.get("href").startswith("students/") for link in _tree(index).iter("a")) == 7


def test_two_assignments_are_reached_from_the_index(build, tmp_path: Path) -> None:
    two = (build.assignment(build.submission()), build.assignment(slug="p2"))
    index = write_report(tmp_path, build.report(assignments=two, grades=(build.grade(),)))
    ids = {element.get("id") for element in _tree(index).iter()}
    targets = {link.get("href") for link in _tree(index).iter("a")}
    assert {"#a1", "#a2", "#grades", "assignments/p2.html"} <= targets
    assert {target[1:] for target in targets if target.startswith("#")} <= ids


def test_the_index_lists_ungraded_first_then_rejected_with_their_reasons(build, tmp_path) -> None:
    submissions = [
        build.submission("ada"),
        build.submission("bo", rejection="not a notebook"),
        build.submission("cy", fault="no engine answers", retries=1),
    ]
    text = _text(write_report(tmp_path, build.report(*submissions)))
    order = ["1 ungraded", "cy", "retried 1×", "no engine answers", "1 rejected", "bo"]
    places = [text.index(part) for part in [*order, "not a notebook", "3 submissions"]]
    assert places == sorted(places)


def test_local_isolation_is_called_accident_protection_on_every_page(build, tmp_path) -> None:
    index = write_report(tmp_path, build.report(build.submission("kim", "local")))
    for page in (index, tmp_path / "students/kim.html", tmp_path / "assignments/p1-layers.html"):
        assert "isolated: local (accident protection only" in _text(page)


def test_a_student_sees_nothing_of_others_of_the_suite_or_of_our_machine(build, tmp_path) -> None:
    failed = build.test(
        "test_secret.py::test_canary",
        outcome=Outcome.FAILED,
        detail="assert 1 == 2",
        seconds=7.125,
    )
    write_report(
        tmp_path,
        build.report(
            build.submission("kim", tests=(failed,)),
            build.submission("lee", fault="disk /var/lib full"),
            grades=(build.grade("kim"), build.grade("lee")),
        ),
    )
    kim = (tmp_path / "students/kim.html").read_text(encoding="utf-8")
    for hidden in ("test_canary", "assert 1", "7.1", "lee", "index.html"):
        assert hidden not in kim
    lee = _text(tmp_path / "students/lee.html")
    assert "Not graded yet" in lee and "no points and no attempt" in lee and "/var/lib" not in lee


def test_a_student_sees_each_check_with_points_words_message_and_hint(build, tmp_path) -> None:
    failed = build.test(
        "t2",
        title="Gradient of b",
        outcome=Outcome.FAILED,
        message="grad_b[2] yours 1",
        hint="sum over the batch",
        heatmap=Heatmap(tensor="grad_b", rows=1, columns=3, errors=(0, 0.2, 1)),
    )
    passed = build.test(hint="hidden until it fails")
    attempts = [
        Attempt(number=n, made=datetime(2026, 11, n, tzinfo=UTC), outcome=o, score=s, points=8)
        for n, o, s in ((1, Outcome.CRASHED, 0), (2, Outcome.FAILED, 4))
    ]
    kim = build.submission(
        attempt=2, tests=(passed, failed), notes=("cell 7 left out",), history=tuple(attempts)
    )
    write_report(tmp_path, build.report(kim, names={"kim": "Kim Park"}))
    page = tmp_path / "students/kim.html"
    text = _text(page)
    for part in (
        "Kim Park kim",
        "4 / 8",
        "attempt 2 · isolated: docker",
        "1 check passed",
        "1 failed",
        "Gradient of b 0 / 4 failed grad_b[2] yours 1",
        "Hint: sum over the batch",
        "cell 7 left out",
        "some checks crashed 01 Nov 2026, 00:00",
    ):
        assert part in text
    assert "hidden until it fails" not in text
    (drawing,) = _tree(page).findall(".//figure/{http://www.w3.org/2000/svg}svg")
    kinds = [cell.get("class") for cell in drawing if cell.tag.endswith(("rect", "path"))]
    assert kinds == ["paper", "paper", "ink", "paper", "ink", "cross deep"]


def test_the_course_grade_can_be_recomputed_by_hand(build, tmp_path: Path) -> None:
    write_report(tmp_path, build.report(grades=(build.grade("kim"), build.grade("lee", exam=9))))
    kim, lee = (_text(tmp_path / f"students/{name}.html") for name in ("kim", "lee"))
    assert "accumulated = 0.2271·4 + 0.3082·6 + 0.4648·8 = 6.4754 → 6" in kim
    assert "exam = 6, the accumulated grade: exempt (accumulated ≥ 6" in kim
    assert "final = 0.7·6 + 0.3·6 = 6 → 6" in kim
    assert "seminars 4" in kim and "+0.25" in kim and "+0.3" in kim and "+0.42" in kim
    assert "sat although exempt" in lee and "0.7·6 + 0.3·9 = 6.9 → 7" in lee


def test_a_grade_that_is_pending_says_so(build, tmp_path: Path) -> None:
    line = GradeLine(student="kim", grade=None, remark="p2 is ungraded")
    index = write_report(tmp_path, build.report(grades=(line, build.grade("lee"))))
    assert "pending: p2 is ungraded" in _text(index)
    assert "Pending" in _text(tmp_path / "students/kim.html")


def test_an_override_is_told_with_its_reason(build, tmp_path: Path) -> None:
    submission = build.submission(mark=9.0, mark_note="overridden: the handout was wrong")
    write_report(tmp_path, build.report(submission))
    told = "counts as 9: overridden: the handout was wrong"
    assert told in _text(tmp_path / "students/kim.html")
    assert told in _text(tmp_path / "index.html")


def test_drawings_and_tables_are_named_for_those_who_do_not_see_them(build, tmp_path) -> None:
    write_report(tmp_path, _hostile_report(build, "kim"))
    svg = "{http://www.w3.org/2000/svg}"
    for page in tmp_path.rglob("*.html"):
        tree = _tree(page)
        for drawing in tree.iter(f"{svg}svg"):
            titled = drawing.find(f"{svg}title")
            assert drawing.get("aria-hidden") == "true" or (titled is not None and titled.text)
        for row in tree.iter("tr"):
            assert row.find("th") is not None or row.find("td") is not None
        for head in tree.iter("th"):
            assert head.get("scope") in ("row", "col")


def test_an_empty_course_has_an_index(build, tmp_path: Path) -> None:
    assert "Ungraded: none." in _text(write_report(tmp_path, build.report(assignments=())))
