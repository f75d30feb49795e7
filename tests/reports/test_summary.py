"""What a cohort says about an assignment and its suite."""

from autograder.core.results import Outcome
from autograder.reports.summary import groups, summarise


def _mixed(build, name: str, *outcomes: Outcome, **changes):
    """One submission per outcome, each with one test of this name."""
    return [
        build.submission(f"s{i}", tests=(build.test(name, outcome=outcome, **changes),))
        for i, outcome in enumerate(outcomes)
    ]


def test_a_test_that_tells_no_two_students_apart_is_suspicious(build) -> None:
    P, F, T = Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT
    seen = {}
    for name, outcomes in {"a": (P, P), "b": (F, T), "c": (P, F)}.items():
        (rate,) = summarise(build.assignment(*_mixed(build, name, *outcomes))).rates
        seen[name] = rate.suspicion
    assert seen == {"a": "nobody failed", "b": "everybody failed", "c": ""}


def test_one_submission_makes_no_test_suspicious(build) -> None:
    (rate,) = summarise(build.assignment(build.submission())).rates
    assert rate.suspicion == ""


def test_rejected_and_ungraded_are_counted_but_not_scored(build) -> None:
    summary = summarise(
        build.assignment(
            build.submission("a"),
            build.submission("b", rejection="not a notebook"),
            build.submission("c", fault="no engine"),
        )
    )
    assert summary.scores == (1.0,)
    assert [rate.total for rate in summary.rates] == [1]
    assert dict(summary.outcomes) == {
        Outcome.PASSED: 1,
        Outcome.REJECTED: 1,
        Outcome.UNGRADED: 1,
    }


def test_nobody_graded_is_no_division_by_zero(build) -> None:
    summary = summarise(build.assignment(build.submission(fault="no engine")))
    assert (summary.scores, summary.median, summary.rates) == ((), None, ())


def test_a_mistake_counts_students_not_tests(build) -> None:
    message = "grad_b[2] yours 1 numerical 8\n  Looks like: averaged over the batch"
    failing = [
        build.test(f"t{i}", title=f"T{i}", outcome=Outcome.FAILED, message=message)
        for i in range(3)
    ]
    summary = summarise(
        build.assignment(
            build.submission("a", tests=tuple(failing)),
            build.submission("b", tests=tuple(failing[:1])),
            build.submission("c", tests=(build.test(outcome=Outcome.TIMEOUT),)),
            build.submission("d", tests=(build.test(message=message),)),
        )
    )
    assert [(m.diagnosis, m.students, m.titles) for m in summary.mistakes] == [
        ("averaged over the batch", 2, ("T0", "T1", "T2")),
        ("over its time limit", 1, ("Forward is xW + b",)),
    ]


def test_isolation_is_counted_per_level(build) -> None:
    mixed = [build.submission("a"), build.submission("b"), build.submission("c", "local")]
    assert summarise(build.assignment(*mixed)).isolation == (("docker", 2), ("local", 1))


def test_tests_are_grouped_by_their_file_in_the_order_of_the_suite(build) -> None:
    tests = (
        build.test("test_softmax_loss.py::test_b", points=2.0),
        build.test("test_linear.py::test_a", points=3.0, outcome=Outcome.FAILED),
        build.test("test_softmax_loss.py::TestX::test_c[1]", points=5.0),
    )
    assert [(g.title, g.earned, g.points) for g in groups(tests)] == [
        ("Softmax loss", 7.0, 7.0),
        ("Linear", 0, 3.0),
    ]
