"""Does the gradient checker ever fail a right gradient, or pass a wrong one?

    python benchmarks/gradient_checker.py [--cases 10000] [--attacks 242] [--layers 500] [--seed 0]

Each case draws a layer, loss or small net, a tensor of at most 500 entries, and a random normal
upstream. Its right gradient, written by hand, must pass; with one random non-zero entry off by
1e-4 of itself it must fail. Both are tried with the function as a trusted reference, and "alone":
as a student's forward, which nobody trusts. Half of the cases have random normal data of scale 1.
The others have a scale between 1e-3 and 1e3, where saturation leaves entries that no float64
difference resolves: there an entry is called resolvable if the planted error, over one step, moves
the output by at least 100 of its roundings (a loss is a difference of numbers of size 1 or more,
and is rounded as they are), and tiny otherwise. Each seventh case perturbs a third of the entries
only, the rest along random directions. In the family "near kinks" most entries have a kink within
two steps: there a wrong gradient may hide between the one-sided slopes, but nowhere else.
"Inconclusive" is a right gradient whose slopes stay undecided, since the outputs are so large that
float64 holds none.

Then layers in a real worker go through `check_gradients`, with and without a reference: right ones,
and attacks, each a wrong backward pass with something in the forward pass to cover it up
(gradient_attacks.py). No right one may fail, no attack may pass.

The exit status is 1 if one does, if a right gradient fails, if one of scale 1 is inconclusive, if a
unit or resolvable wrong one passes, or if a check with a reference takes more than 4n + 1
evaluations for each step that it tries.
"""

import argparse
import sys
import time
from collections import Counter
from typing import NamedTuple

import numpy as np
from gradient_attacks import MODES as LAYER_MODES
from gradient_attacks import run_attacks, run_right
from gradient_cases import FAMILIES, STRESS, Case

from autograder.core.differences import Derivative, estimate
from autograder.core.gradients import judge
from autograder.core.measurement import elsewhere, measure
from autograder.core.points import TRIES, Floats, Plan, plan

RELATIVE_ERROR = 1e-4
ROUNDINGS = 100
KINDS = ("unit", "resolvable", "tiny", "sampled", "kinked")
CLAIMED = ("unit", "resolvable")


class Trial(NamedTuple):
    """A case with an upstream gradient, measured until its slopes were decided, or given up."""

    x: Floats
    plan: Plan
    right: Floats
    derivative: Derivative


def by_reference(case: Case, upstream: Floats, most: int, rng: np.random.Generator) -> Trial:
    """The function is trusted."""
    found = measure(case.forward, case.x, upstream, rng, most)
    return Trial(case.x, found.plan, case.gradient(case.x, upstream), found.derivative)


def alone(case: Case, upstream: Floats, most: int, rng: np.random.Generator) -> Trial:
    """The function is the student's."""
    x = case.x
    for size in TRIES:
        chosen = plan(x, rng, most, size)
        outputs = np.stack([case.forward(point) for point in chosen.points()])
        base = np.asarray(case.forward(x))
        found = Trial(
            x=x,
            plan=chosen,
            right=case.gradient(x, upstream),
            derivative=estimate(chosen, base, outputs, upstream, trusted=False),
        )
        if found.derivative.decided:
            break
        x = elsewhere(x, rng)
    return found


MODES = {"": by_reference, "alone ": alone}


def run(cases: int, seed: int) -> Counter[tuple[str, str]]:
    """Try `cases` cases; counts by family and event, printing each case that goes wrong."""
    counts: Counter[tuple[str, str]] = Counter()
    for number in range(cases):
        rng = np.random.default_rng([seed, number])
        family = list(FAMILIES)[number % len(FAMILIES)]
        unit = number // len(FAMILIES) % 2 == 0
        sampled = number // len(FAMILIES) % 7 == 6
        scale = 1.0 if unit else float(10 ** rng.uniform(-3, 3))
        with np.errstate(all="ignore"):
            case = FAMILIES[family](rng, scale)
            output = np.asarray(case.forward(case.x))
            upstream = rng.standard_normal(output.shape) if output.ndim else np.array(1.0)
            most = 1 + case.x.size // 3 if sampled else case.x.size
            events = Counter(cases=1, entries=case.x.size)
            trouble = []
            for mode, measured in MODES.items():
                start = time.perf_counter()
                trial = measured(case, upstream, most, rng)
                verdict = judge("grad", trial.right, trial.derivative)
                events[f"{mode}microseconds"] = round(1e6 * (time.perf_counter() - start))
                if trial.plan.evaluations > 4 * case.x.size + 1:
                    trouble.append(f"{trial.plan.evaluations} evaluations")
                if verdict.problem == "undecided":
                    events[f"{mode}inconclusive"] += 1
                    if unit:
                        trouble.append(f"{mode}inconclusive")
                elif not verdict.passed:
                    trouble.append(f"{mode}false failure: {verdict.message}")
                kind = _kind(family, unit, sampled)
                if trial.right.any() and not verdict.problem:
                    kind, caught, what = _planted(trial, kind, output, upstream, rng)
                    events[f"{mode}{kind} planted"] += 1
                    events[f"{mode}{kind} caught"] += caught
                    if not caught and kind in CLAIMED:
                        trouble.append(f"{mode}missed {what}")
        events["trouble"] = len(trouble)
        counts.update({(family, event): count for event, count in events.items()})
        for line in trouble:
            print(f"case {number}, {family}, scale {scale:.3g}: {line}")
    return counts


def _kind(family: str, unit: bool, sampled: bool) -> str:
    if family == STRESS:
        return "kinked"
    if sampled:
        return "sampled"
    return "unit" if unit else "tiny"


def _planted(
    trial: Trial, kind: str, output: Floats, upstream: Floats, rng: np.random.Generator
) -> tuple[str, bool, str]:
    """Put one entry wrong: the kind of case it is, whether that is seen, and which entry it was."""
    right = trial.right
    place = int(rng.choice(np.flatnonzero(right)))
    wrong = right.copy()
    wrong.flat[place] *= 1 + RELATIVE_ERROR * rng.choice((-1.0, 1.0))
    if kind == "tiny":
        moved = np.abs(wrong - right).max() * trial.plan.steps[place]
        size = output if output.ndim else max(1.0, abs(float(output)))
        rounding = np.finfo(float).eps * np.linalg.norm(upstream * size)
        kind = "resolvable" if moved >= ROUNDINGS * rounding else "tiny"
    caught = judge("grad", wrong, trial.derivative).problem == "values"
    return kind, caught, f"{right.flat[place]:.3g} of {np.abs(right).max():.3g}"


def table(counts: Counter[tuple[str, str]]) -> str:
    """A row per family, and their sum."""
    columns = ("cases", "entries", "trouble", "inconclusive", "alone inconclusive")
    kinds = [mode + kind for mode in MODES for kind in KINDS]
    total: Counter[str] = Counter()
    for (_, event), count in counts.items():
        total[event] += count
    lines = ["".join(f"{title:>19}" for title in ("", *columns, *kinds))]
    for family in [*FAMILIES, "all"]:
        seen = total if family == "all" else {event: counts[family, event] for event in total}
        cells = [str(seen.get(column, 0)) for column in columns]
        cells += [f"{seen.get(f'{k} caught', 0)}/{seen.get(f'{k} planted', 0)}" for k in kinds]
        lines.append(f"{family:19}" + "".join(f"{cell:>19}" for cell in cells))
    lines.append(
        f"the last columns: caught / planted, one entry off by {RELATIVE_ERROR:g} of itself"
    )
    for mode in MODES:
        milliseconds = total[f"{mode}microseconds"] / max(total["cases"], 1) / 1000
        lines.append(f"{mode or 'trusted '}: {milliseconds:.2f} ms a case")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 if a claim fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--attacks", type=int, default=242)
    parser.add_argument("--layers", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    counts = run(options.cases, options.seed)
    print(table(counts))
    passed = run_attacks(options.attacks, options.seed)
    failed = run_right(options.layers, options.seed)
    for mode in LAYER_MODES:
        print(
            f"layers {mode}: {failed[mode]} of {options.layers} right ones fail, "
            f"{passed[mode]} of {options.attacks} attacks pass"
        )
    troubles = sum(count for (_, event), count in counts.items() if event == "trouble")
    return int(bool(troubles or passed.total() or failed.total()))


if __name__ == "__main__":
    sys.exit(main())
