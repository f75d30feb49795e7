"""Hostile text becomes visible, names become file names, numbers stay short."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.text import cut, file_name, number, to_json, visible

anything = st.text(st.characters())  # surrogates and controls too


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", r"\x1b]8;;http://x\x07link\x1b]8;;\x07"),
        ("\x1b]52;c;cm0gLXJm\x1b\\", r"\x1b]52;c;cm0gLXJm\x1b" + "\\"),
        ("\x9b2J", r"\x9b2J"),
        ("100\b\b\b0", r"100\x08\x08\x080"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066a\u2069", r"\u2066a\u2069"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("a\r\nb\u2028c", r"a\x0d\x0ab\u2028c"),
    ],
)
def test_control_sequences_are_written_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


@pytest.mark.parametrize("text", ["Zoë O'Neil", "xᵀ · grad_output ≠ ½", "李雷", "علی‌رضا", "😀"])
def test_names_and_formulas_stay_as_they_are(text: str) -> None:
    assert visible(text) == text


@given(anything, st.booleans())
def test_nothing_invisible_is_left(text: str, multiline: bool) -> None:
    allowed = "\u200c\u200d" + ("\n\t" if multiline else "")
    shown = visible(text, multiline=multiline)
    assert all(c in allowed or unicodedata.category(c)[0] != "C" or _unassigned(c) for c in shown)
    assert visible(shown, multiline=multiline) == shown
    shown.encode("utf-8")


def _unassigned(character: str) -> bool:
    return unicodedata.category(character) in ("Cn", "Co")


def test_a_long_message_is_cut_and_says_how_long_it_was() -> None:
    assert cut("short") == "short"
    assert cut("a" * 5000) == "a" * 4000 + "\n… cut: 5,000 characters in all"
    assert cut("\n" * 1000).count("\n") == 60


@given(anything)
def test_a_file_name_is_safe_everywhere(identifier: str) -> None:
    name = file_name(identifier)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_.-]{0,199}", name)
    assert name.partition(".")[0] not in {"con", "nul", "aux", "prn", "com1", "lpt9"}


def _decoded(name: str) -> bytes:
    """The identifier that a short name stands for."""
    return re.sub(rb"_(..)", lambda hex_: bytes.fromhex(hex_[1].decode()), name.encode())


@given(st.text(st.characters(), min_size=1, max_size=8))
def test_a_short_file_name_can_be_decoded_so_no_two_ids_share_one(identifier: str) -> None:
    assert _decoded(file_name(identifier)) == identifier.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    "ids",
    [
        ("kim", "KIM", "Kim"),
        ("a" * 300, "a" * 299, "a" * 101),
        ("", "_", ".", "..", "/", "\\", "../kim", "a/b", "a_2fb"),
        ("é", "e\u0301"),
        ("con", "_63on", "con.x", "CON"),
    ],
)
def test_ids_that_a_file_system_would_confuse_get_distinct_names(ids: tuple[str, ...]) -> None:
    names = {unicodedata.normalize("NFC", file_name(i)).casefold() for i in ids}
    assert len(names) == len(ids)


@pytest.mark.parametrize(
    ("value", "text"), [(78.0, "78"), (81.5, "81.5"), (100, "100"), (-0.25, "−0.25"), (-0.001, "0")]
)
def test_numbers_have_no_trailing_zeros(value: float, text: str) -> None:
    assert number(value) == text


@given(st.dictionaries(anything, anything | st.lists(anything)))
def test_a_json_document_says_the_same_without_anything_invisible(value: dict[str, Any]) -> None:
    for indent in (None, 2):
        text = to_json(value, indent=indent)
        assert json.loads(text) == value
        hidden = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        assert hidden <= {"\n"}


def test_letters_of_any_script_stand_for_themselves_in_json() -> None:
    assert to_json("Ко\x9b2J\u202e李\x7f") == r'"Ко\u009b2J\u202e李\u007f"'
