"""The new run, 70 points: reproduce.py with a seed that nobody has seen."""

import pytest

from autograder.core.claims import compare_claims, parse_metrics
from autograder.suite import fail


def run(student, seed, out="metrics-of-a-new-run.json"):
    """What main writes for a seed; the test fails where that is no metrics.json."""
    student.main(seed=seed, out=out)
    metrics = parse_metrics(student.read(out))
    if isinstance(metrics, str):
        fail(f"What main(seed, out) writes is wrong: {metrics}.")
    return metrics


def compared(student, submitted, seed, note):
    """The handed-in claims against a new run."""
    claimed = parse_metrics(submitted.get("metrics.json", b""))
    if isinstance(claimed, str):
        fail("There is no valid handed-in metrics.json to compare with.")
    verdicts = compare_claims(claimed, run(student, seed))
    for verdict in verdicts:
        note(verdict.describe())
    return verdicts


@pytest.fixture
def seed(rng):
    """Another for each submission and test."""
    return int(rng.integers(10_000, 2**31))


@pytest.mark.points(10)
@pytest.mark.hint(
    "Does main write to the path that it is given, and with the seed that it is given?"
)
def test_writes_the_file(student, seed):
    """main(seed, out) writes a valid file with this seed to the path `out`."""
    metrics = run(student, seed, "results-of-today.json")
    if metrics.seed != seed:
        fail(f"The new file says seed {metrics.seed}, expected the seed that main was given.")


@pytest.mark.points(10)
@pytest.mark.hint("Which claims does main write, and which does the handed-in file have?")
def test_the_same_claims(student, submitted, seed, note):
    """The new run makes every claim of the handed-in file."""
    missing = [v.id for v in compared(student, submitted, seed, note) if v.outcome == "missing"]
    if missing:
        fail(f"The new run does not make the claims {', '.join(missing)}.")


@pytest.mark.points(15)
@pytest.mark.hint("What do ten seeds of your own say of these numbers?")
def test_most_claims_hold(student, submitted, seed, note):
    """With a fresh seed at least half of the claims hold within their tolerance."""
    verdicts = compared(student, submitted, seed, note)
    held = sum(verdict.outcome == "reproduced" for verdict in verdicts)
    if 2 * held < len(verdicts):
        fail(f"{held} of {len(verdicts)} claims hold in the new run.")


@pytest.mark.points(15)
@pytest.mark.hint("What do ten seeds of your own say of these numbers?")
def test_all_claims_hold(student, submitted, seed, note):
    """With a fresh seed all claims hold within their tolerance."""
    verdicts = compared(student, submitted, seed, note)
    held = sum(verdict.outcome == "reproduced" for verdict in verdicts)
    if held < len(verdicts):
        fail(f"{held} of {len(verdicts)} claims hold in the new run.")


@pytest.mark.points(10)
@pytest.mark.hint("Where does randomness enter, and does all of it come from the seed?")
def test_the_same_seed_gives_the_same_numbers(student, seed, check_close):
    """Two runs with one seed agree."""
    first = {claim.id: claim.value for claim in run(student, seed).claims}
    second = {claim.id: claim.value for claim in run(student, seed, "again.json").claims}
    check_close(second, first, "the values of a second run with the same seed", rtol=1e-9)


@pytest.mark.points(10)
@pytest.mark.hint("A number that never changes was not measured. Where is the seed used?")
def test_another_seed_gives_other_numbers(student, seed):
    """Runs with other seeds measure other values."""
    first = {claim.id: claim.value for claim in run(student, seed).claims}
    second = {claim.id: claim.value for claim in run(student, seed + 1, "other.json").claims}
    if first.keys() != second.keys():
        fail("Two seeds make different claims.")
    if first == second:
        fail("Two seeds give exactly the same values: nothing random was measured.")
