"""q4, 6 points: the exponential moving average of the losses."""

import numpy as np
import pytest


@pytest.mark.points(3)
@pytest.mark.hint("With λ close to 1, should Q be close to the past or to the latest loss?")
def test_running_risk(student, rng, check_close):
    """running_risk: mixes each loss with the past, λ of it and 1 − λ of the past."""
    for rate in (0.1, 0.35, 0.8):
        initial, losses = np.full(5, rng.uniform(1, 9)), rng.exponential(2.0, 6)
        past = (1 - rate) ** np.arange(1, 7) * initial[0]
        parts = [
            sum(rate * (1 - rate) ** (t - i) * losses[i] for i in range(t + 1)) for t in range(6)
        ]
        check_close(student.running_risk(initial, losses, rate), past + parts, "running risk")


@pytest.mark.points(2)
@pytest.mark.hint("Q is to go on as a mean. As what does it begin?")
def test_beginning(student, rng, check_close):
    """running_risk: begins as the mean of the initial losses, not as their sum."""
    for n in (7, 1, 4):
        initial, losses = rng.exponential(3.0, n), rng.exponential(1.0, 3)
        Q = np.average(initial)
        expected = [Q := 0.8 * Q + 0.2 * loss for loss in losses]
        check_close(student.running_risk(initial, losses, 0.2), np.array(expected), "running risk")


@pytest.mark.points(1)
@pytest.mark.hint("What does the formula say for λ = 1 and for λ = 0?")
def test_extreme_rates(student, rng, check_close):
    """running_risk: λ = 1 gives the losses, λ = 0 never moves; integers and one loss will do."""
    initial, losses = rng.integers(1, 9, 6), rng.integers(1, 9, 5)
    check_close(student.running_risk(initial, losses, 1.0), losses.astype(float), "with λ = 1")
    check_close(
        student.running_risk(initial, losses, 0.0), np.full(5, initial.mean()), "with λ = 0"
    )
    one = student.running_risk(initial, losses[:1], 0.5)
    check_close(one, 0.5 * (losses[:1] + initial.mean()), "running risk of one loss")
