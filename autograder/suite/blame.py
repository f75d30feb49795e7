"""Turns what became of a worker into words and an outcome for the student."""

import errno

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.messages import Exited, Raised
from autograder.suite.quoting import quoted
from autograder.suite.verdict import Verdict

_SIGXCPU = 24


def violation(what: str) -> Verdict:
    """The student's code broke the protocol; `what` it did, as in "sent too much"."""
    return Verdict(Outcome.PROTOCOL_VIOLATION, f"Your code interfered with the grader: it {what}.")


def out_of_memory(limits: Limits) -> Verdict:
    """The memory of the sandbox was full."""
    return Verdict(Outcome.OUT_OF_MEMORY, f"Your code needed more than {limits.memory_mb} MB.")


def out_of_gpu_memory(limits: Limits) -> Verdict:
    """The submission's part of the GPU's memory was full."""
    limit = limits.gpu_memory_mb
    most = f"{limit} MB of the GPU's memory" if limit else "its share of the GPU's memory"
    return Verdict(Outcome.OUT_OF_MEMORY, f"Your code needed more than {most}.")


def may_be_the_gpus(end: BaseException | None) -> bool:
    """Whether a GPU that is lost, or full of what others hold, could have ended a test so.

    torch tells both as a RuntimeError.
    """
    ends = Outcome.OUT_OF_MEMORY, Outcome.CRASHED, Outcome.TIMEOUT
    return isinstance(end, Verdict) and (
        end.outcome in ends or RuntimeError.__name__ in end.exceptions
    )


def out_of_time(test_seconds: float, limits: Limits, all_used: bool) -> Verdict:
    """The time of the test was over, or (`all_used`) that of the whole submission."""
    if all_used:
        total = limits.submission_seconds
        return Verdict(
            Outcome.TIMEOUT,
            f"The {total:g} s for the whole submission were used up by this and earlier tests.",
        )
    return Verdict(
        Outcome.TIMEOUT,
        f"Stopped after {test_seconds:g} s. Is there a loop that does not end, or one "
        "over the batch where an array operation would do?",
    )


def out_of_cpu_time(limits: Limits, all_used: bool) -> Verdict:
    """The processor time of the test was exceeded, or (`all_used`) that of the submission."""
    if all_used:
        return Verdict(
            Outcome.TIMEOUT,
            f"The {limits.submission_cpu_seconds:g} s of processor time for the whole submission "
            "were used up by earlier tests.",
        )
    return Verdict(
        Outcome.TIMEOUT,
        f"Your code computed for more than {limits.test_cpu_seconds:g} s, all its processes "
        "taken together.",
    )


def exited(message: Exited, starved: bool, limits: Limits) -> Verdict:
    """The worker ended while an answer was awaited; `starved`: the kernel killed for memory."""
    if starved:
        return out_of_memory(limits)
    if message.signal == _SIGXCPU:
        total = limits.submission_seconds
        return Verdict(
            Outcome.TIMEOUT, f"Stopped after {total:g} s of computing time in one process."
        )
    how = f"was ended by signal {message.signal}" if message.signal else "ended its own process"
    return Verdict(Outcome.CRASHED, f"Your code {how} (no exception, no result).")


def raised(message: Raised, limits: Limits) -> Verdict:
    """An operation raised instead of returning a value."""
    where = "".join(
        f"\n  {quoted(frame.file, '?')}, line {frame.line}, in {quoted(frame.function, '?')}"
        for frame in message.frames
    )
    type_name = message.type_names[0] if message.type_names else ""
    detail = f"{type_name}: {message.message}{where}"
    match message.kind:
        case "memory":
            return out_of_memory(limits)
        case "gpu_memory":
            return out_of_gpu_memory(limits)
        case "missing":
            what = quoted(message.message, "code lacks what this test needs")
            return Verdict(Outcome.FAILED, f"Your {what}.", detail=detail)
        case "unsupported" | "too_large":
            what = quoted(message.message, "what no test can use")
            return Verdict(Outcome.ERROR, f"Your code returned {what}.", detail=detail)
        case "exception":
            name = quoted(type_name, "an exception")
            text = quoted(message.message, "(not shown: it may quote a hidden input)")
            told = f"Your code raised {name}{': ' if text else ''}{text}{where}"
            if remark := _remark(message.errno, limits):
                told += f"\n{remark}"
            return Verdict(Outcome.ERROR, told, detail=detail, exceptions=message.type_names)


def _remark(number: int, limits: Limits) -> str:
    """Which limit the system has enforced, if this is how it tells."""
    match number:
        case errno.EAGAIN:
            return f"A submission may have {limits.processes} processes and threads at a time."
        case errno.EMFILE:
            return f"A submission may have {limits.open_files} files open at a time."
        case errno.ENOSPC | errno.EFBIG:
            return (
                f"A submission may write {limits.scratch_mb} MB, in {limits.scratch_files} files."
            )
    return ""
