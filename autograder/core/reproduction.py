"""Whether grading again gave the identical result, and if not, what is different."""

import hashlib

import msgspec
from msgspec.structs import replace

from autograder.core.results import Outcome, Phases, Provenance, SubmissionResult

NOTHING_CHANGED = "nothing that we know of: the submission or the suite is not deterministic"


def result_digest(result: SubmissionResult) -> str:
    """SHA-256 (hex) of all that must be the same, bit by bit, when equal work is graded again.

    Left out: seconds, retries, what the result was made with, and the `detail` of a test, which is
    a traceback with paths and addresses of the process that graded.
    """
    same = replace(
        result,
        provenance=Provenance(isolation=""),
        tests=tuple(replace(test, detail="", seconds=0.0) for test in result.tests),
        retries=0,
        seconds=0.0,
        phases=Phases(),
    )
    return hashlib.sha256(msgspec.msgpack.encode(msgspec.to_builtins(same))).hexdigest()


def what_changed(before: SubmissionResult, after: SubmissionResult) -> str:
    """Why equal work got another result; empty if it got the identical one, or none at all."""
    if Outcome.UNGRADED in (before.outcome, after.outcome):
        return ""
    if result_digest(before) == result_digest(after):
        return ""
    old, new = _made_with(before.provenance), _made_with(after.provenance)
    # An earlier version may have recorded less.
    changes = [
        f"{name} {old[name]} → {new[name]}"
        for name in old
        if name in new and old[name] != new[name]
    ]
    return ", ".join(changes) or NOTHING_CHANGED


def _made_with(provenance: Provenance) -> dict[str, str]:
    named = {
        "suite": provenance.suite_digest[:12],
        "image": provenance.image_digest.removeprefix("sha256:")[:12],
        "agent": provenance.autograder_version,
        "device": provenance.device,
        "isolation": provenance.isolation,
        **dict(provenance.environment),
    }
    return {name: value for name, value in named.items() if value}
