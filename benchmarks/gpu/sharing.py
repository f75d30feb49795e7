"""Part: several submissions at once on one card: how many in an hour, and how busy the card is."""

import time
import traceback
from collections.abc import Sequence

from bench import LIMITS, assignment, job
from card import MIB, Sampler
from course import cases_of
from msgspec.structs import replace
from part import Part, first_line

from autograder.authoring.certify import Kind
from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.usecases.sandboxes import choose_launcher

AT_ONCE = {4: 8, 8: 8, 2: 4, 1: 1}
"""In the order of their value, and how many submissions are graded so."""
SLUG = "p5-representation"

# A training that keeps a card busy by itself: 60 steps of a small network of wide layers.
HEAVY = """
import torch
def product(a, b, device):
    return a.to(device) @ b.to(device)
def probe(device):
    torch.manual_seed(0)
    width, steps = (4096, 60) if device == "cuda" else (256, 20)
    layer = torch.nn.Sequential(
        torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, width)
    ).to(device)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.01)
    x = torch.randn(width, width, device=device)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (layer(x) ** 2).mean()
        loss.backward()
        optimizer.step()
    return {"loss": float(loss)}
"""


def measure(part: Part, name: str, jobs: Sequence[GradingJob], at_once: int) -> None:
    """Grade them by as many slots of the card."""
    resources = replace(jobs[0].assignment.resources, gpus=1.0 / at_once)
    about = replace(jobs[0].assignment, resources=resources)
    launcher, _ = choose_launcher("local", resources, part.device)  # type: ignore[arg-type]
    engine = LocalEngine(launcher, at_once, pauses=(0.5,))
    seconds, ended = [], []
    with engine, Sampler(part.card) as sampler:
        engine.warm_up(about)
        # The first sandboxes are not what a large class waits for.
        time.sleep(6.0 if part.on_card else 1.0)
        began = time.monotonic()
        for result in engine.run([replace(one, assignment=about) for one in jobs]):
            seconds.append(result.seconds)
            ended.append(f"{result.outcome.value} {result.fault}".strip())
            if part.left < 0:
                break
        took = time.monotonic() - began
    busy = sampler.busy(began)
    unusual = sorted({end for end in ended if end != "passed"})
    part.record.measure(
        f"{name}, {at_once} at once",
        f"{3600 * len(seconds) / took:.0f} submissions an hour, busy {busy:.0f} %, "
        f"{sum(seconds) / len(seconds):.1f} s each, {sampler.most_memory() // MIB} MiB at most"
        + (f"; {unusual}" if unusual else ""),
        submissions=len(seconds),
        seconds=took,
        busy=busy,
        all_passed=not unusual,
    )


def main() -> None:
    """The course's training, then one that has enough to do for a card."""
    part = Part()
    ((_, solution),) = (
        found for found in cases_of(SLUG, 1).values() if found[0].kind is Kind.SOLUTION
    )
    heavy = job(assignment("probe", limits=LIMITS), HEAVY)

    def several(one: GradingJob, count: int) -> list[GradingJob]:
        return [
            replace(one, submission=replace(one.submission, student=f"s{n}"), secret=bytes([n]))
            for n in range(count)
        ]

    for at_once, count in AT_ONCE.items():
        if not part.on_card and at_once > 2:
            part.record.skip(f"{at_once} at once", "needs a card")
            continue
        for name, one in ((SLUG, solution), ("heavy training", heavy)):
            if part.left < 12:
                part.record.skip(f"{name}, {at_once} at once", "no time was left")
                continue
            try:
                measure(part, name, several(one, count if part.on_card else 1), at_once)
            except Exception as problem:
                part.record.check(f"{name}, {at_once} at once", "no exception", first_line(problem))
                traceback.print_exc()


if __name__ == "__main__":
    main()
