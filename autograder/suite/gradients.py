"""Checks a student's backward pass against numerical derivatives of the student's own forward pass.

The examiner chooses the points and decides; the worker evaluates them all in one round trip. The
forward pass is compared with a reference as well, because a layer of zeros agrees with itself.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from autograder.core.comparison import compare
from autograder.core.differences import Floats, Plan, estimate, plan
from autograder.core.gradients import GradientVerdict, judge
from autograder.core.results import Outcome
from autograder.errors import SuiteError
from autograder.protocol.operations import Get, Sweep
from autograder.protocol.values import Path
from autograder.suite.remote import Batch, RemoteObject, require_remote
from autograder.suite.verdict import Verdict

Reference = Callable[..., Any]

_BASES = 3
"""How many base points are tried while too many coordinates lie on kinks."""
_NUDGE = 1e-2
_SAMPLED_POINTS = 32
"""Perturbed outputs compared with the reference: a forward that lies nearby must lie here too."""


class Answers(Struct, frozen=True):
    """What one round trip brought back."""

    output: Any
    gradients: dict[str, Any]
    outputs: dict[str, Any]
    """The outputs at the perturbed points, by the name of what was varied."""


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
        keyword arguments are the parameters' values. x: float64 of any shape.
        """
        remote = require_remote(target, "what is to be differentiated")
        known = _defaults(reference)
        for attempt in range(_BASES):
            base = x if attempt == 0 else x + _NUDGE * self._rng.standard_normal(x.shape)
            verdicts = self._check(remote, base, args, wrt, reference, known, scalar)
            if all(verdict.problem != "undecided" for verdict in verdicts):
                break
        for verdict in verdicts:
            if not verdict.passed:
                raise Verdict(Outcome.FAILED, verdict.message, verdict.heatmap)

    def _check(
        self,
        target: RemoteObject,
        x: Floats,
        args: tuple[Any, ...],
        wrt: Sequence[str],
        reference: Reference | None,
        known: dict[str, Floats],
        scalar: bool,
    ) -> list[GradientVerdict]:
        bases = {name: x if name == "x" else _parameter(target, name, known) for name in wrt}
        plans = {name: plan(base, self._rng) for name, base in bases.items()}
        expected = None if reference is None else reference(x, *args)
        upstream = 1.0 if scalar else self._upstream(target, x, args, expected)
        try:
            answers = _ask(target, x, args, plans, None if scalar else upstream)
        except Verdict:
            # A forward of the wrong shape makes backward raise: say that first.
            if expected is not None:
                _must_equal(target.forward(x, *args), expected, "forward")
            raise
        if expected is not None:
            _must_equal(answers.output, expected, "forward")
        verdicts = []
        for name, chosen in plans.items():
            outputs = _numeric(answers.outputs[name])
            if reference is not None:
                self._compare_nearby(name, chosen, outputs, reference, x, args)
            derivative = estimate(chosen, _numeric(answers.output), outputs, upstream)
            verdicts.append(
                judge(_label(name), answers.gradients[name], derivative, sizes=_sizes(x))
            )
        return verdicts

    def _upstream(
        self, target: RemoteObject, x: Floats, args: tuple[Any, ...], expected: Any
    ) -> Floats:
        """Random normal, never ones: five classic bugs pass under ones."""
        output = target.forward(x, *args) if expected is None else expected
        return np.asarray(self._rng.standard_normal(np.shape(output)))

    def _compare_nearby(
        self,
        name: str,
        chosen: Plan,
        outputs: Floats,
        reference: Reference,
        x: Floats,
        args: tuple[Any, ...],
    ) -> None:
        sparse = len(chosen.indices)
        size = min(sparse, _SAMPLED_POINTS)
        for number in self._rng.choice(sparse, size=size, replace=False):
            point = chosen.base.copy()
            point.flat[chosen.indices[number]] = chosen.values[number]
            if name == "x":
                expected = reference(point, *args)
            else:
                expected = reference(x, *args, **{name.replace(".", "_"): point})
            _must_equal(outputs[number], np.asarray(expected), "forward near the same point")


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
    chosen = plan(base, rng)
    points = [base.copy() for _ in chosen.indices]
    for point, index, value in zip(points, chosen.indices, chosen.values, strict=True):
        point.flat[index] = value
    points += list(chosen.directions.reshape(-1, *base.shape))
    outputs = np.stack([np.asarray(function(point), dtype=np.float64) for point in points])
    output = np.asarray(function(base), dtype=np.float64)
    derivative = estimate(chosen, output, outputs, 1.0 if upstream is None else upstream)
    verdict = judge(what, actual, derivative, sizes=_sizes(base))
    if verdict.problem in ("undecided", "forward"):
        raise SuiteError(f"the test's own function for {what} has no derivative at its point")
    if not verdict.passed:
        raise Verdict(Outcome.FAILED, verdict.message, verdict.heatmap)


def _ask(
    target: RemoteObject,
    x: Floats,
    args: tuple[Any, ...],
    plans: dict[str, Plan],
    upstream: Floats | float | None,
) -> Answers:
    batch, handle = Batch(target.session_), target.handle_
    batch.add(batch.call(handle, ("forward",), x, *args))
    batch.add(batch.call(handle, ("backward",), *([] if upstream is None else [upstream])))
    for name in plans:
        if name != "x":
            *owner, last = _path(name)
            batch.add(Get(handle, (*owner, f"grad_{last}")))
    for name, chosen in plans.items():
        batch.add(
            Sweep(
                call=batch.call(handle, ("forward",), x, *args),
                vary=0 if name == "x" else _path(name),
                indices=batch.pack(chosen.indices),
                values=batch.pack(chosen.values),
                points=batch.pack(chosen.directions.reshape(-1, *chosen.base.shape)),
            )
        )
    output, by_x, *rest = batch.send()
    parameters = [name for name in plans if name != "x"]
    gradients = dict(zip(parameters, rest, strict=False)) | {"x": by_x}
    return Answers(output, gradients, dict(zip(plans, rest[len(parameters) :], strict=True)))


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


def _must_equal(actual: Any, expected: Any, what: str) -> None:
    mismatch = compare(actual, expected, what)
    if mismatch is not None:
        raise Verdict(Outcome.FAILED, mismatch.message)


def _numeric(value: Any) -> Floats:
    """The array itself; else the test ends as failed, for nothing can be differentiated."""
    array = np.asarray(value) if isinstance(value, float | np.ndarray) else None
    if array is None or array.dtype.kind != "f":
        raise Verdict(Outcome.FAILED, "forward does not return floating-point numbers.")
    return array
