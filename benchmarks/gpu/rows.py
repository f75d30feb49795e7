"""What the kit finds: a row for each thing looked at, written as a JSON line at once."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

OK, RED, MEASURED, NOT_RUN = "ok", "RED", "measured", "not run"
_WIDTH = 150


class Record:
    """The rows of one part, appended to a file that several parts share."""

    def __init__(self, path: Path, part: str) -> None:
        self._path = path
        self._part = part
        self._began = time.monotonic()

    def check(self, row: str, expected: Any, got: Any, ok: bool | None = None, **data: Any) -> bool:
        """A row that is red unless `ok`, which is by default that both are equal."""
        fine = expected == got if ok is None else ok
        self._write(OK if fine else RED, row, expected, got, data)
        return fine

    def measure(self, row: str, got: Any, **data: Any) -> None:
        """A figure that nothing is expected of."""
        self._write(MEASURED, row, "", got, data)

    def skip(self, row: str, why: str) -> None:
        """A row that could not be looked at."""
        self._write(NOT_RUN, row, "", why, {})

    def _write(self, status: str, row: str, expected: Any, got: Any, data: dict[str, Any]) -> None:
        line = {
            "part": self._part,
            "row": row,
            "status": status,
            "expected": expected,
            "got": got,
            "at": round(time.monotonic() - self._began, 2),
            **data,
        }
        with self._path.open("a") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """All rows so far; a line that was cut off when its part was killed is left out."""
    rows = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return rows


def table(rows: Iterable[dict[str, Any]]) -> str:
    """One line for each row; the ones of a large set (`many`) only where they are red."""
    lines = []
    for row in rows:
        if row.get("many") and row["status"] == OK:
            continue
        wanted = f" (expected {row['expected']})" if row["status"] == RED else ""
        line = f"{row['status']:8} {row['part']:8} {row['row']}: {row['got']}{wanted}"
        line = " ".join(line.split("\n"))
        most = 3 * _WIDTH if row["status"] == RED else _WIDTH
        lines.append(line if len(line) <= most else line[: most - 1] + "…")
    return "\n".join(lines)
