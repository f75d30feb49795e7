"""What every part of the kit begins with: its options, its record, its card."""

import argparse
import sys
import time
from pathlib import Path

from card import Card, StandIn
from rows import Record

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


class Part:
    """One part's run: the device, where rows go, and how long it has."""

    def __init__(self) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda")
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--seconds", type=float, default=600.0)
        parser.add_argument("--mutants", type=int, default=10)
        parser.add_argument("--cases", default="")
        options = parser.parse_args()
        name = Path(sys.argv[0]).stem
        self.device = options.device
        self.out: Path = options.out
        self.mutants: int = options.mutants
        self.cases = set(filter(None, options.cases.split(",")))
        """The only ones that are asked for; empty: all."""
        self.record = Record(options.out / "results.jsonl", name)
        self.card: Card | StandIn = StandIn()
        if self.on_card:
            try:
                self.card = Card()
            except Exception as problem:
                self.record.check("NVML", "answers", first_line(problem))
        self._end = time.monotonic() + options.seconds

    @property
    def on_card(self) -> bool:
        """Whether there is a card to look at."""
        return self.device == "cuda"

    @property
    def left(self) -> float:
        """Seconds until the part is stopped, some kept back to end in good order."""
        return self._end - 3.0 - time.monotonic()

    def wants(self, *names: str) -> bool:
        """Whether a case that goes by one of these names is asked for."""
        return not self.cases or not self.cases.isdisjoint(names)

    def needs_card(self, *rows: str) -> bool:
        """False, with a line for each of the rows, where there is none."""
        if not self.on_card:
            for row in rows:
                self.record.skip(row, "needs a card")
        return self.on_card


def first_line(problem: object) -> str:
    """Of an exception or a message, in one short line."""
    name = f"{type(problem).__name__}: " if isinstance(problem, BaseException) else ""
    return f"{name}{problem}".strip().partition("\n")[0][:300]
