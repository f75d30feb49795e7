"""Checks a student's backward pass against numerical derivatives.

Where the test gives a reference forward pass, the slopes are the reference's, evaluated here:
nothing that the student's forward does can move them. The student's outputs at the same points are
compared with it, all asked in one round trip. Without a reference the slopes are those of the
student's forward, and must be known well whatever it adds to its outputs.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from msgspec import Struct

from autograder.core.comparison import Mismatch, check_form, compare
from autograder.core.differences import estimate
from autograder.core.gradients import GradientVerdict, judge
from autograder.core.measurement import Measurement, elsewhere, measure
from autograder.core.points import TRIES, Floats, plan
from autograder.core.repetition import Order, order, two_answers
from autograder.core.results import Outcome
from autograder.errors import SuiteError
from autograder.protocol.operations import Get, Sweep
from autograder.protocol.values import Path
from autograder.suite.remote import Batch, RemoteObject, require_remote
from autograder.suite.verdict import Verdict

Reference = Callable[..., Any]


class Question(Struct, frozen=True, eq=False):
    """What is asked of the student's object in one round trip."""

    x: Floats
    args: tuple[Any, ...]
    upstream: Floats | None
    """What backward gets; None for a loss."""
    orders: dict[str, Order]
    """Of the points, by the name of what is varied."""


class Answers(Struct, frozen=True, eq=False):
    """What came back."""

    output: Floats
    gradients: dict[str, Any]
    outputs: dict[str, Floats]
    """The outputs at the points of the plan, by the name of what was varied."""


class GradientCheck:
    """The fixture `check_gradients`."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __call__(
        self,
        target: Any,
        x: Floats,
        *args: Any,
        wrt: Sequence[str] = ("x",),
        reference: Reference | None = None,
        scalar: bool = False,
    ) -> None:
        """End the test as failed unless `target.backward` is the gradient of `target.forward`.

        `target.forward(x, *args)` is evaluated, then `target.backward(g)` for a random normal g, or
        `target.backward()` of a loss (`scalar`). `wrt` names what to differentiate by: "x" is the
        first argument; "W" is the parameter `target.W` with its gradient `target.grad_W`, and
        "layers.0.W" is `target.layers[0].W` with `target.layers[0].grad_W`.

        `reference(x, *args, W=W, layers_0_W=…)` is the right forward pass; the defaults of its
        keyword arguments are the parameters' values. x: float64 of any shape. Raises SuiteError
        where the reference has no derivative.
        """
        remote = require_remote(target, "what is to be differentiated")
        if reference is None:
            self._by_itself(remote, x, args, wrt, scalar)
        else:
            self._by_reference(remote, x, args, wrt, scalar, reference)

    def _by_reference(
        self,
        target: RemoteObject,
        x: Floats,
        args: tuple[Any, ...],
        wrt: Sequence[str],
        scalar: bool,
        reference: Reference,
    ) -> None:
        expected, known = reference(x, *args), _defaults(reference)
        upstream = None if scalar else self._rng.standard_normal(np.shape(expected))
        measured = {}
        for name in wrt:
            base = x if name == "x" else _parameter(target, name, known)
            function = partial(_moved, reference, x, args, name)
            measured[name] = _measure(function, base, upstream, self._rng, _label(name))
        orders = {name: order(each.plan, self._rng) for name, each in measured.items()}
        try:
            answers = _ask(target, Question(x, args, upstream, orders), expected)
        except Verdict:
            # A wrong forward can make backward raise: say that first.
            _must(compare(target.forward(x, *args), expected, "forward"))
            raise
        _must(compare(answers.output, expected, "forward"))
        for name, each in measured.items():
            _must_agree(answers.outputs[name], each.outputs)
        for name, each in measured.items():
            gradient = answers.gradients[name]
            _must_pass(judge(_label(name), gradient, each.derivative, sizes=_sizes(x)))

    def _by_itself(
        self,
        target: RemoteObject,
        x: Floats,
        args: tuple[Any, ...],
        wrt: Sequence[str],
        scalar: bool,
    ) -> None:
        """While a slope is undecided, again elsewhere, then closer as well: kinks are rare."""
        bases = {name: _parameter(target, name, {}) for name in wrt if name != "x"}
        for step in TRIES:
            shape = () if scalar else _floats(target.forward(x, *args)).shape
            upstream = None if scalar else self._rng.standard_normal(shape)
            plans = {name: plan(bases.get(name, x), self._rng, step=step) for name in wrt}
            orders = {name: order(each, self._rng) for name, each in plans.items()}
            answers = _ask(target, Question(x, args, upstream, orders))
            undecided = []
            for name, each in plans.items():
                derivative = estimate(
                    each,
                    answers.output,
                    answers.outputs[name],
                    1.0 if upstream is None else upstream,
                    trusted=False,
                )
                gradient = answers.gradients[name]
                verdict = judge(_label(name), gradient, derivative, sizes=_sizes(x))
                if verdict.problem == "undecided":
                    undecided.append(verdict)
                else:
                    _must_pass(verdict)
            if not undecided:
                return
            x = elsewhere(x, self._rng)
        _must_pass(undecided[0])


def check_one(
    actual: Any,
    function: Callable[[Floats], Any],
    x: Floats,
    what: str,
    upstream: Floats | None,
    rng: np.random.Generator,
) -> None:
    """End the test as failed unless `actual` is the gradient of sum(upstream · function(x)) by x.

    x: float64 of any shape, where `function` is smooth. Raises SuiteError where it is not.
    """
    base = np.asarray(x, dtype=np.float64)
    measured = _measure(function, base, upstream, rng, what)
    _must_pass(judge(what, actual, measured.derivative, sizes=_sizes(base)))


def _measure(
    function: Callable[[Floats], Any],
    base: Floats,
    upstream: Floats | None,
    rng: np.random.Generator,
    what: str,
) -> Measurement:
    found = measure(function, base, 1.0 if upstream is None else upstream, rng)
    if not found.derivative.decided:
        raise SuiteError(f"the test's own function for {what} has no derivative at its point")
    return found


def _moved(reference: Reference, x: Floats, args: tuple[Any, ...], name: str, point: Floats) -> Any:
    """The reference's output with what `name` names at `point`."""
    if name == "x":
        return reference(point, *args)
    return reference(x, *args, **{name.replace(".", "_"): point})


def _ask(target: RemoteObject, question: Question, expected: Any = None) -> Answers:
    """Forward and backward, forward at every point, and the first two again, in one round trip.

    Ends the test as failed if the output has not the form of `expected`, or if two answers to one
    question differ.
    """
    batch, handle, orders = Batch(target.session_), target.handle_, question.orders
    upstream = [] if question.upstream is None else [question.upstream]
    parameters = [name for name in orders if name != "x"]

    def add_both_passes() -> None:
        batch.add(batch.call(handle, ("forward",), question.x, *question.args))
        batch.add(batch.call(handle, ("backward",), *upstream))

    add_both_passes()
    for name in parameters:
        *owner, last = _path(name)
        batch.add(Get(handle, (*owner, f"grad_{last}")))
    for name, each in orders.items():
        batch.add(
            Sweep(
                call=batch.call(handle, ("forward",), question.x, *question.args),
                vary=0 if name == "x" else _path(name),
                indices=batch.pack(each.indices),
                values=batch.pack(each.values),
                points=batch.pack(each.plan.dense),
            )
        )
    add_both_passes()
    first, by_x, *rest, first_again, by_x_again = batch.send()

    output = _floats(first, expected)
    gradients = dict(zip(parameters, rest, strict=False)) | {"x": by_x}
    outputs = {}
    for (name, each), swept in zip(orders.items(), rest[len(parameters) :], strict=True):
        count = len(each.numbers) + len(each.plan.dense)
        answered = _floats(swept, np.broadcast_to(0.0, (count, *output.shape)))
        _must(each.repeated(output, answered, "forward"))
        outputs[name] = each.sorted(answered)
    _must(two_answers(output, _floats(first_again, output), "forward"))
    if type(by_x) is np.ndarray and by_x.dtype == np.float64:
        _must(check_form(by_x_again, by_x, "the gradient by x that a second backward returns"))
        _must(two_answers(by_x, by_x_again, "backward"))
    return Answers(output, gradients, outputs)


def _parameter(target: RemoteObject, name: str, known: dict[str, Floats]) -> Floats:
    """Its value as the test knows it, which saves a round trip, else as the worker has it."""
    value = known.get(name.replace(".", "_"))
    if value is None:
        batch = Batch(target.session_)
        batch.add(Get(target.handle_, _path(name)))
        (value,) = batch.send()
    if (
        not isinstance(value, np.ndarray)
        or value.dtype != np.float64
        or not np.isfinite(value).all()
    ):
        raise Verdict(Outcome.FAILED, f"{name} is not an array of finite float64 numbers.")
    array: Floats = value
    return array


def _defaults(reference: Reference | None) -> dict[str, Floats]:
    if reference is None:
        return {}
    parameters = inspect.signature(reference).parameters.values()
    return {p.name: p.default for p in parameters if isinstance(p.default, np.ndarray)}


def _path(name: str) -> Path:
    """`layers.0.W` is `.layers[0].W`."""
    return tuple(int(step) if step.isdigit() else step for step in name.split("."))


def _label(name: str) -> str:
    if name == "x":
        return "gradient by x"
    *owner, last = name.split(".")
    return ".".join([*owner, f"grad_{last}"])


def _sizes(x: Floats) -> dict[str, int]:
    return {"N": x.shape[0]} if x.ndim else {}


def _floats(value: Any, expected: Any = None) -> Floats:
    """The output as an array, of the form of `expected`, or else of any shape."""
    if expected is None:
        expected = np.broadcast_to(0.0, value.shape if type(value) is np.ndarray else ())
    _must(check_form(value, np.asarray(expected), "forward"))
    array: Floats = np.asarray(value)
    return array


def _must_agree(outputs: Floats, expected: Floats) -> None:
    """What differs is told of the first point that does."""
    what = "forward near the same point"
    if compare(outputs, expected, what) is not None:
        for actual, right in zip(outputs, expected, strict=True):
            _must(compare(actual, right, what))


def _must(mismatch: Mismatch | None) -> None:
    if mismatch is not None:
        raise Verdict(Outcome.FAILED, mismatch.message)


def _must_pass(verdict: GradientVerdict) -> None:
    if not verdict.passed:
        raise Verdict(Outcome.FAILED, verdict.message, verdict.heatmap)
