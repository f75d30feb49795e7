"""Part: hostile submissions on the card, and what they leave behind for the next one."""

import tomllib
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import AHEAD, HONEST, LIMITS, PASSED, Bench, words
from card import settled
from msgspec import Struct, convert
from msgspec.structs import replace
from part import Part, first_line
from raw import RAW

from autograder.core.results import Outcome


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hostile submission and how it must end."""

    id: str
    does: str
    source: str
    outcome: tuple[Outcome, ...]
    most: float
    least: float = 0.0
    harms: bool = False
    card: bool = False
    seconds: float = LIMITS.test_seconds


CANARY = 0x5EC2E75A
SIZE = 2**30
"""int32 values: 4 GiB."""
WRITE = f"""
import torch
def probe(device):
    kept = torch.full(({SIZE},), {CANARY}, dtype=torch.int32, device=device)
    return {{"written": int((kept == {CANARY}).sum())}}
"""
FIND_TORCH = f"""
import torch
def probe(device):
    torch.use_deterministic_algorithms(False)
    found, kept = 0, []
    try:
        while True:
            kept.append(torch.empty({SIZE // 4}, dtype=torch.int32, device=device))
            found += int((kept[-1] == {CANARY}).sum())
    except RuntimeError:
        pass
    return {{"looked_at_gib": len(kept), "found": found}}
"""
FIND_RAW = (
    RAW
    + f"""
def probe(device):
    library, looked, found, other = driver(), 0, 0, 0
    while looked < 64 and (address := malloc(library, 2**30)):
        values = view(address, 2**28)
        found += int((values == {CANARY}).sum())
        other += int((values != 0).sum())
        looked += 1
    return {{"looked_at_gib": looked, "found": found, "not_zero": other}}
"""
)
FIND_OWN = f"""
import torch
def probe(device):
    torch.use_deterministic_algorithms(False)
    kept = torch.full(({SIZE // 4},), {CANARY}, dtype=torch.int32, device=device)
    del kept
    again = torch.empty({SIZE // 4}, dtype=torch.int32, device=device)
    return {{"found": int((again == {CANARY}).sum())}}
"""
DEVICES = """
import torch
def probe(device):
    told = {"devices": torch.cuda.device_count()}
    try:
        torch.ones(1, device="cuda:1")
        told["second"] = "it computes"
    except Exception as problem:
        told["second"] = type(problem).__name__
    return told
"""


def attack(part: Part, bench: Bench, row: Row) -> None:
    """The row's end."""
    result = bench.grade(HONEST + row.source, limits=replace(LIMITS, test_seconds=row.seconds))
    part.record.check(
        f"{row.id}: {row.does}",
        f"{' or '.join(row.outcome)}, {row.least:g} to {row.most:g}",
        words(result)[:160],
        result.outcome in row.outcome and row.least <= result.earned <= row.most,
        tests={test.name: test.outcome.value for test in result.tests},
        seconds=round(result.seconds, 2),
    )


def alone(part: Part, bench: Bench, row: Row) -> None:
    """A row that may harm, then the card's memory, then an honest submission."""
    baseline = part.card.used()
    attack(part, bench, row)
    above = settled(part.card, baseline)
    next_one = bench.grade(HONEST)
    got = f"{words(next_one)}, {next_one.retries} more tries, {above} MiB above before"
    fine = words(next_one) == PASSED and next_one.retries == 0 and above < 64
    part.record.check(f"{row.id}: the next one, and the memory", PASSED, got, fine)


def leftovers(part: Part) -> None:
    """L05: what one submission leaves in the card's memory for the next."""
    if not part.needs_card("L05: memory of the one before"):
        return
    with Bench("probe", part.device) as bench:
        own = bench.probe(FIND_OWN)
        part.record.check(
            "L05 tripwire: a process finds its own values again",
            SIZE // 4,
            own.get("found"),
            data=own,
        )
        for name, text in (("torch.empty", FIND_TORCH), ("cuMemAlloc", FIND_RAW)):
            written = bench.probe(WRITE)
            found = bench.probe(text)
            fine = written.get("written") == SIZE and found.get("found") == 0
            part.record.check(
                f"L05: {name} finds what the one before left", "0 values", found, fine
            )
        devices = bench.probe(DEVICES)
        part.record.check("L09: one device is seen", 1, devices.get("devices"), data=devices)


def main() -> None:
    """Harmless rows several at a time, the others alone."""
    part = Part()
    rows = convert(
        tomllib.loads((Path(__file__).parent / "attacks.toml").read_text())["row"], list[Row]
    )
    baseline = part.card.used()
    for row in rows:
        if row.card and not part.on_card and part.wants(row.id):
            part.record.skip(f"{row.id}: {row.does}", "needs a card")
    rows = [row for row in rows if (part.on_card or not row.card) and part.wants(row.id)]

    def guarded(what: str, action: object, *args: object) -> None:
        try:
            if part.left > 0:
                action(*args)  # type: ignore[operator]
            else:
                part.record.skip(what, "no time was left")
        except Exception as problem:
            part.record.check(what, "no exception", first_line(problem))
            traceback.print_exc()

    with Bench("kernels", part.device) as bench:
        if not bench.sound(part):
            return
        with ThreadPoolExecutor(AHEAD) as threads:
            for row in rows:
                if not row.harms:
                    threads.submit(guarded, row.id, attack, part, bench, row)
        part.record.check("an honest one after these", PASSED, words(bench.grade(HONEST)))
        if part.wants("L05"):
            guarded("L05", leftovers, part)
        for row in rows:
            if row.harms:
                guarded(row.id, alone, part, bench, row)
    part.record.skip("L07: clocks, persistence, ECC, MIG", "the card's settings are never changed")
    part.record.skip("L08: a malicious image or variable for the NVIDIA hook", "no engine here")
    above = settled(part.card, baseline)
    got = f"{above} MiB, {part.card.processes()} processes"
    part.record.check(
        "card afterwards",
        "0 processes, under 64 MiB above before",
        got,
        above < 64 and part.card.processes() == 0,
    )


if __name__ == "__main__":
    main()
