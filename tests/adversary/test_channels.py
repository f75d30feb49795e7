"""What one test of a submission can tell the next, in bits.

    channels/ways.toml      one [[way]] per channel: `send(marked)`, `receive(mark)`
    corpus/channel.py       what the ways are written with
    channels/hidden/        tells the bits in one test, asks for them in the next

The bits that arrive are estimated by the share of right ones: 64 guesses are worth nothing.
"""

import math
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, convert
from msgspec.structs import replace

from autograder.core.assignment import Limits
from autograder.core.results import SubmissionResult
from autograder.sandbox.docker import USER

HERE = Path(__file__).parent / "channels"
LIMITS = Limits(test_seconds=10.0, memory_mb=512)
RUNS = 3
"""Each with other bits, so that luck is told from a channel."""

pytestmark = [pytest.mark.docker, pytest.mark.slow]


class Way(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to send bits from test to test."""

    id: str
    does: str
    most: int
    """Bits that may arrive; docs/security.md says why, where it is not 0."""
    source: str


WAYS = convert(tomllib.loads((HERE / "ways.toml").read_text())["way"], tuple[Way, ...])
ELSEWHERE = {"process ids", "inode numbers", "page cache", "agent", "group", "counters"}
"""Ways that need two workers, or that a worker shuts for itself (Landlock)."""


def information(received: int, right: int) -> float:
    """Bits that so many answers hold about as many random bits: the binary symmetric channel's.

    Source: T. Cover and J. Thomas, Elements of Information Theory, 2nd ed., section 7.1.4.
    """
    share = right / received if received else 0.5
    entropy = -sum(p * math.log2(p) for p in (share, 1 - share) if p)
    return received * (1 - entropy)


def told(result: SubmissionResult, test: str) -> tuple[int, int]:
    """How many bits a test was told, and how many of them were right."""
    (one,) = (each for each in result.tests if test in each.name)
    found = re.search(r"(\d+) received, (\d+) right", one.message)
    assert found, (one.outcome, one.message, one.detail)
    return int(found[1]), int(found[2])


@pytest.fixture(scope="module")
def grader(docker_launcher: Any, bench: Any) -> Iterator[Any]:
    """Grades with the suite that asks for bits."""
    with bench(docker_launcher, folder=HERE, requires=("send", "receive"), limits=LIMITS) as grader:
        yield grader


def as_row(rows: Any, way: Way, run: int) -> Any:
    """The way as a row of the corpus; equal runs have equal bits."""
    return replace(rows["A01"], id=way.id, base="channel", source=f"{way.source}\n# run {run}")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.id)
def test_the_next_test_hears_nothing(
    way: Way, grader: Any, rows: Any, record_property: Callable[[str, Any], None]
) -> None:
    results = [grader.grade_row(as_row(rows, way, run)) for run in range(RUNS)]
    counts = [told(result, "test_2") for result in results]
    bits = information(sum(n for n, _ in counts), sum(n for _, n in counts)) / RUNS
    record_property(f"{way.id}: bits", round(bits, 1))
    # A fair coin shows 3.3 bits in 192 throws once in a thousand times.
    assert bits <= max(way.most, 3.3 / RUNS + 0.5)


def test_tripwire_each_way_works_where_nothing_stands_in_it(
    docker_launcher: Any, bench: Any, rows: Any, weaken: Any
) -> None:
    """In one worker, without a system call filter, in a folder and with counters of its own."""
    own = {"/tmp": f"size=8m,uid={USER},gid={USER},mode=0700"}
    weaken(
        lambda ours: {
            "security_opt": ["no-new-privileges", "seccomp=unconfined"],
            "tmpfs": own | {"/dev/mqueue": "size=4k,mode=1777"},
        }
    )
    heard = {}
    with bench(docker_launcher, folder=HERE, requires=("send", "receive"), limits=LIMITS) as grader:
        for way in WAYS:
            result = grader.grade_row(as_row(rows, way, 0))
            heard[way.id] = information(*told(result, "test_3"))
    assert {name for name, bits in heard.items() if bits >= 1} >= {
        way.id for way in WAYS
    } - ELSEWHERE
