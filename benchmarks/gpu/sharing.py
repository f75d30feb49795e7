"""Part: several submissions at once on one card: how many in an hour, and how busy the card is."""

import time
import traceback
from collections.abc import Sequence

from bench import LIMITS, assignment, job
from card import MIB, Sampler
from msgspec.structs import replace
from part import ROOT, Part, first_line

from autograder.batch.grading import GradingJob
from autograder.batch.local import LocalEngine
from autograder.usecases.sandboxes import choose_launcher

AT_ONCE = (4, 8, 2)
"""In the order of their value."""
ROUNDS = 2
"""Submissions for each of those that are graded at once: the second starts while others compute."""

# p5's own autoencoder on images of its size: 2,460 steps of a small network in batches of 32.
TRAINING = """
def probe(device):
    images = np.random.default_rng(0).random((1300, 64))
    model = train_autoencoder(images, 8, 0, device)
    return {"device": str(next(model.parameters()).device)}
"""


def measure(part: Part, jobs: Sequence[GradingJob], at_once: int) -> tuple[float, float]:
    """Grade them by as many slots of the card: submissions an hour, and percent busy."""
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
    busy, an_hour = sampler.busy(began), 3600 * len(seconds) / took
    unusual = sorted({end for end in ended if end != "passed"})
    part.record.check(
        f"{at_once} at once",
        "all pass",
        f"{an_hour:.0f} submissions an hour, busy {busy:.0f} %, "
        f"{sum(seconds) / len(seconds):.1f} s each, {sampler.most_memory() // MIB} MiB at most"
        + (f"; {unusual}" if unusual else ""),
        not unusual,
        submissions=len(seconds),
        seconds=took,
        each=[round(s, 2) for s in seconds],
        busy=busy,
    )
    return an_hour, busy


def main() -> None:
    """One honest training each."""
    part = Part()
    solution = (ROOT / "solutions" / "p5-representation" / "solution.py").read_text()
    training = job(assignment("probe", limits=LIMITS), solution + TRAINING)
    measured: dict[int, tuple[float, float]] = {}
    for at_once in AT_ONCE:
        row = f"{at_once} at once"
        if not part.on_card and at_once > 2:
            part.record.skip(row, "needs a card")
            continue
        if part.left < 15:
            part.record.skip(row, "no time was left")
            continue
        jobs = [
            replace(
                training,
                submission=replace(training.submission, student=f"s{n}"),
                secret=bytes([n]),
            )
            for n in range(ROUNDS * at_once if part.on_card else 1)
        ]
        try:
            measured[at_once] = measure(part, jobs, at_once)
        except Exception as problem:
            part.record.check(row, "no exception", first_line(problem))
            traceback.print_exc()
    if measured:
        best = max(measured, key=lambda number: measured[number])
        an_hour, busy = measured[best]
        part.record.measure(
            "the best number", f"{best} at once: {an_hour:.0f} an hour, busy {busy:.0f} % (goal 80)"
        )


if __name__ == "__main__":
    main()
