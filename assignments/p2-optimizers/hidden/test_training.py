"""q8, 12 points: clipping, schedules, and the loop that uses an optimizer."""

import math

import numpy as np
import pytest

from autograder.suite import callback, fail, finite


@pytest.mark.points(2)
@pytest.mark.hint("One norm for each array, or one for all of them together?")
def test_clipping(student, rng, check_close):
    """clip_gradients: scales all arrays alike, down to the global norm."""
    for shapes in [[(3,), (2, 4), (1,)], [(2, 3)], [(5,), (5,)]]:
        gradients = [rng.standard_normal(shape) for shape in shapes]
        norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
        for limit in (0.9 * norm, 0.01, 0.5 * norm):
            expected = [g * limit / norm for g in gradients]
            check_close(student.clip_gradients(gradients, float(limit)), expected, "clipped")


@pytest.mark.points(1)
@pytest.mark.hint("What is your factor when the norm is below max_norm, and when it is 0?")
def test_no_need_to_clip(student, rng, check_close):
    """clip_gradients: leaves small gradients and zeros at their size."""
    gradients = [rng.standard_normal((2, 3)), rng.standard_normal(4)]
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    for limit in (1.1 * norm, 100.0, 3.0 * norm):
        check_close(student.clip_gradients(gradients, float(limit)), gradients, "small gradients")
    zeros = [np.zeros(3), np.zeros((2, 2))]
    check_close(student.clip_gradients(zeros, 0.5), zeros, "gradients of zeros")


@pytest.mark.points(1)
@pytest.mark.hint("Which of your statements writes into the arrays that came in?")
def test_clipping_leaves_its_input(student, rng, check_close):
    """clip_gradients: makes new arrays, the given ones stay."""
    gradients = [np.full(3, 2.0), np.full((1, 2), -1.0)]
    there = [student.put(g) for g in gradients]
    clipped = student.clip_gradients(there, math.sqrt(3.5))
    check_close(clipped, [0.5 * g for g in gradients], "clipped")
    for remote, g in zip(there, gradients, strict=True):
        check_close(student.fetch(remote), g, "gradient afterwards")


@pytest.mark.points(1)
@pytest.mark.hint("How often has the rate been multiplied just before, at, and just after `every`?")
def test_step_decay(student, rng, check_close):
    """step_decay: stairs that go down after each `every` steps."""
    lr, factor = rng.uniform(0.1, 2.0), rng.uniform(0.2, 0.8)
    for every in (1, 4, 7):
        for t in [0, 1, 3, 4, 6, 7, 13, 14, 29]:
            expected = float(lr * factor ** math.floor(t / every))
            check_close(student.step_decay(lr, t, factor, every), expected, f"rate of step {t}")


@pytest.mark.points(1)
@pytest.mark.hint("What does the formula say for t = 0?")
def test_inverse_decay(student, rng, check_close):
    """inverse_decay: falls like 1/t, from the full rate at t = 0."""
    lr = rng.uniform(0.1, 2.0)
    for rate in (0.01, 0.7, 3.0):
        for t in [0, 1, 2, 50]:
            check_close(
                student.inverse_decay(lr, t, rate), lr / (1 + rate * t), f"rate of step {t}"
            )


@pytest.mark.points(2)
@pytest.mark.hint("Put t = 0, t = T and t = T + 1 into your formula.")
def test_cosine_decay(student, rng, check_close):
    """cosine_decay: half a cosine wave from lr to the final rate, which then stays."""
    lr, final = rng.uniform(1.0, 2.0), rng.uniform(0.1, 0.5)
    for total in (8, 5):
        for t in [0, 1, 2, 4, 5, 7, 8, 9, 21]:
            wave = math.cos(math.pi * t / total) if t < total else -1.0
            expected = (lr + final) / 2 + (lr - final) / 2 * wave
            actual = student.cosine_decay(lr, t, total, final)
            check_close(actual, expected, f"rate of step {t} of {total}")
            actual = student.cosine_decay(lr, t, total)
            check_close(actual, lr / 2 * (1 + wave), f"rate of step {t} of {total}, with final = 0")


@pytest.mark.points(3)
@pytest.mark.hint(
    "Which rate does the first step have, and at which weights is each gradient taken?"
)
def test_minimize(student, rng, check_close):
    """minimize: each step has the rate of its t and the gradient at the present parameters."""
    rates = rng.uniform(0.05, 0.2, 5)
    a, b = rng.standard_normal(3), rng.standard_normal((2, 2))
    there = [student.put(a), student.put(b)]

    def gradient(parameters):
        return [np.sin(parameters[0]) + 1.0, 2.0 * parameters[1]]

    schedule = callback(lambda t: float(rates[t]), ())
    student.minimize(student.SGD(there, 9.0), callback(gradient, [(3,), (2, 2)]), schedule, 4)
    for rate in rates[:4]:
        a, b = (w - rate * g for w, g in zip((a, b), gradient([a, b]), strict=True))
    check_close(student.fetch(there[0]), a, "first parameter after 4 steps")
    check_close(student.fetch(there[1]), b, "second parameter after 4 steps")


@pytest.mark.points(1)
@pytest.mark.hint("Does your loop work with an optimizer that remembers something?")
def test_convergence_in_a_ravine(student, rng):
    """minimize: momentum and a falling rate reach the bottom of a ravine."""
    curvatures, bottom = np.array([1.0, 30.0]), rng.uniform(2.0, 4.0, 2)
    there = student.put(bottom + np.array([rng.uniform(-9.0, -5.0), rng.uniform(0.5, 1.0)]))
    student.minimize(
        student.Momentum([there], 1.0),
        callback(lambda parameters: [curvatures * (parameters[0] - bottom)], [(2,)]),
        callback(lambda t: 0.06 / (1.0 + 0.01 * float(t)), ()),
        90,
    )
    end = finite(student.fetch(there), (2,), "the parameter after 90 steps")
    if not np.abs(end - bottom).max() < 0.5:
        fail("after 90 steps with momentum the parameter is not at the bottom of the ravine")
