"""Turns what became of a worker into words and an outcome for the student."""

from autograder.core.assignment import Limits
from autograder.core.results import Outcome
from autograder.protocol.messages import Exited, Raised
from autograder.suite.forms import forms_of_exception, forms_of_value
from autograder.suite.source import Source
from autograder.suite.verdict import Verdict

_SIGXCPU = 24
_SIGNALS = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}


def violation(what: str, detail: str = "") -> Verdict:
    """The student's code broke the protocol; `what` it did, as in "sent too much", in our words."""
    told = f"Your code interfered with the grader: it {what}."
    return Verdict(Outcome.PROTOCOL_VIOLATION, told, detail=detail and f"{told} {detail}")


def unreadable(detail: str) -> Verdict:
    """An answer that no well-behaved worker sends; how it is wrong is for the instructor."""
    return violation("sent an unreadable answer", detail)


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
    how = "was ended by a signal" if message.signal else "ended its own process"
    if message.signal in _SIGNALS:
        how = f"was ended by signal {message.signal}, {_SIGNALS[message.signal]}"
    return Verdict(Outcome.CRASHED, f"Your code {how} (no exception, no result).")


def raised(
    message: Raised, limits: Limits, source: Source, asked: frozenset[str] = frozenset()
) -> Verdict:
    """An operation raised instead of returning a value; `asked` are the names in the question."""
    where = "".join(f"\n  {at.file}, line {at.line}, in {at.function}" for at in message.frames)
    detail = f"{', '.join(message.type_names[:1])}: {message.message}{where}"
    match message.kind:
        case "memory":
            return out_of_memory(limits)
        case "gpu_memory":
            return out_of_gpu_memory(limits)
        case "missing":
            told = "Your code lacks what this test needs."
            forms = forms_of_value(message, source, asked)
            return Verdict(Outcome.FAILED, told, detail=detail, forms=forms)
        case "unsupported" | "too_large":
            told = "Your code returned what no test can use."
            forms = forms_of_value(message, source, asked)
            return Verdict(Outcome.ERROR, told, detail=detail, forms=forms)
        case "exception":
            told = (
                "Your code raised an exception. More is not told: the checks before this one have "
                "used up what a report may quote of your code."
            )
            forms = forms_of_exception(message, source, asked, limits)
            names = message.type_names
            return Verdict(Outcome.ERROR, told, detail=detail, forms=forms, exceptions=names)
