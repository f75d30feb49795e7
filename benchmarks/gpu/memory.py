"""Part: who gets how much of the card's memory, in honest ways and in others."""

import traceback
from collections.abc import Callable

from bench import HONEST, LIMITS, Bench, assignment, job, together, words
from card import MIB, settled
from msgspec.structs import replace
from part import Part, first_line
from raw import RAW

from autograder.batch.local import LocalEngine
from autograder.core.results import SubmissionResult
from autograder.usecases.sandboxes import choose_launcher

FILL = """
import torch
KEPT = []
def product(a, b, device):
    while True:
        KEPT.append(torch.empty(2**28, dtype=torch.uint8, device=device))
"""

# Blocks of this size are taken from the card as they are, so a limit is met to within one of them.
ORDINARY = """
import torch
def probe(device):
    kept = []
    try:
        while True:
            kept.append(torch.empty(16 * 2**20, dtype=torch.uint8, device=device))
    except torch.OutOfMemoryError:
        pass
    return {"mib": 16 * len(kept), "reserved": torch.cuda.memory_reserved() // 2**20}
"""

LIFTED = (
    RAW
    + """
def probe(device):
    torch.ones(1, device="cuda")
    torch.cuda.memory.set_per_process_memory_fraction(1.0)
    kept = []
    def take(size):
        kept.append(torch.empty(size, dtype=torch.uint8, device=device))
        return True
    return {"mib": most(2**29, take)}
"""
)

PAST_TORCH = (
    RAW
    + """
def probe(device):
    library = driver()
    return {"mib": most(2**29, lambda size: malloc(library, size))}
"""
)


def shares(part: Part) -> None:
    """One fills its half until it breaks, the other computes beside it."""
    about = assignment("kernels", gpus=0.5)
    device = part.device
    launcher, _ = choose_launcher("local", about.resources, device)  # type: ignore[arg-type]
    jobs = [job(about, FILL, "greedy"), job(about, HONEST, "neighbour")]
    results = {r.student: r for r in LocalEngine(launcher, 2, pauses=(0.5,)).run(jobs)}
    greedy, neighbour = words(results["greedy"]), words(results["neighbour"])
    expected = "Your code needed more than its share of the GPU's memory."
    part.record.check(
        "a submission that fills its half",
        f"out_of_memory 0/10 {expected}",
        greedy,
        greedy.startswith("out_of_memory 0/10") and expected in greedy,
    )
    part.record.check("its neighbour on the same card", "passed 10/10", neighbour)


def holds(part: Part, bench: Bench) -> None:
    """Fractions and `gpu_memory_mb`, against code that means no harm."""
    total = part.card.total() // MIB
    limited = replace(LIMITS, gpu_memory_mb=1024)
    for row, gpus, limits, most in (
        ("gpus = 0.25, ordinary code", 0.25, LIMITS, total // 4),
        ("gpu_memory_mb = 1024, ordinary code", 0.25, limited, 1024),
    ):
        got = bench.probe(ORDINARY, gpus, limits)
        mib = got.get("mib", -1)
        part.record.check(
            row,
            f"at most {most} MiB, and nearly that",
            f"{mib} MiB {got.get('ended', '')}",
            0.9 * most <= mib <= most and got["reserved"] <= most,
        )


def taken(part: Part, bench: Bench) -> None:
    """What code can take that means harm; its share is a quarter."""
    for row, text in (
        ("set_per_process_memory_fraction(1.0)", LIFTED),
        ("cuMemAlloc by ctypes", PAST_TORCH),
    ):
        got = bench.probe(text, 0.25)
        mib = got.get("mib", -1)
        share = 100 * mib * MIB / part.card.total()
        part.record.measure(
            f"{row}, share 0.25", f"{mib} MiB, {share:.0f} % of the card {got.get('ended', '')}"
        )


def squeezed(part: Part, bench: Bench) -> None:
    """A neighbour that takes the whole card past its share while an honest one computes."""
    hold = RAW + (
        "import time\n"
        "def probe(device):\n"
        "    library = driver()\n"
        "    taken = most(2**28, lambda size: malloc(library, size))\n"
        "    taken += most(2**21, lambda size: malloc(library, size))\n"
        "    time.sleep(8)\n"
        "    return {'mib': taken}\n"
    )
    with Bench("kernels", part.device, ahead=1) as other:
        other.grade(HONEST)  # its agents are warm, and have asked the card, before it is full

        def honest() -> SubmissionResult:
            import time

            time.sleep(4.0)
            return other.grade(HONEST, 0.5)

        took, result = together(lambda: bench.probe(hold, 0.5), honest)
    part.record.measure("a hostile neighbour holds", took)
    got = words(result) if isinstance(result, SubmissionResult) else first_line(result)
    fine = got.startswith(("passed", "ungraded"))
    tries = result.retries if isinstance(result, SubmissionResult) else 0
    part.record.check(
        "an honest one beside it",
        "ungraded, or passed when tried again",
        f"{got}, {tries} more tries",
        fine,
    )


def main() -> None:
    """Each row for itself."""
    part = Part()
    baseline = part.card.used()
    if not part.needs_card("shares", "limits", "what hostile code takes", "memory afterwards"):
        with Bench("kernels", part.device, ahead=1) as bench:
            bench.sound(part)
        with Bench("probe", part.device, ahead=1) as bench:
            answer = bench.probe("def probe(device): return {'device': device}")
            part.record.check("a probe", {"device": part.device}, answer)
        return
    with Bench("kernels", part.device, ahead=1) as bench:
        if not bench.sound(part):
            return
    with Bench("probe", part.device) as bench:
        looks: dict[str, Callable[[], None]] = {
            "shares": lambda: shares(part),
            "holds": lambda: holds(part, bench),
            "taken": lambda: taken(part, bench),
            "squeezed": lambda: squeezed(part, bench),
        }
        for name, look in looks.items():
            try:
                if part.left > 0 and part.wants(name):
                    look()
            except Exception as problem:
                part.record.check("a look at memory", "no exception", first_line(problem))
                traceback.print_exc()
    above = settled(part.card, baseline)
    part.record.check("memory afterwards", "under 64 MiB above before", f"{above} MiB", above < 64)


if __name__ == "__main__":
    main()
