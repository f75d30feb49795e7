"""q7, 10 points: early stopping."""

import numpy as np
import pytest


def feed(student, stopper, losses):
    """What the stopper says to each of the losses."""
    return [stopper.update(float(loss), [np.array([float(loss)])]) for loss in losses]


@pytest.mark.points(2)
@pytest.mark.hint("How many updates in a row without an improvement does patience allow?")
@pytest.mark.parametrize("patience", [1, 3])
def test_patience(student, rng, check_close, patience):
    """EarlyStopping: stops at the patience-th update in a row that brings no improvement."""
    stopper = student.EarlyStopping(patience)
    losses, best = [], 9.0
    for _ in range(3):
        # One or two improvements, then nearly enough patience.
        for _ in range(int(rng.integers(1, 3))):
            best -= rng.uniform(0.1, 0.5)
            losses.append(best)
        losses += list(best + rng.uniform(0.1, 5.0, patience - 1))
    losses.append(best - 0.5)
    last = list(best + rng.uniform(0.1, 5.0, patience))
    expected = [False] * (len(losses) + patience - 1) + [True]
    check_close(feed(student, stopper, losses + last), expected, "the answers")
    check_close(feed(student, stopper, [best + 1.0] * 2), [True] * 2, "the answers afterwards")


@pytest.mark.points(1)
@pytest.mark.hint("What do you remember: the latest state, or the best?")
def test_best(student, rng, check_close):
    """EarlyStopping: best_loss and best_arrays are those of the smallest loss."""
    stopper = student.EarlyStopping(4)
    check_close(stopper.best_loss, np.inf, "best_loss at the start")
    check_close(stopper.best_arrays, None, "best_arrays at the start")
    best = None
    for loss in [5.0, 3.0, 3.0, 4.0, 3.5, 1.0, 1.0, 2.0, 1.5]:
        arrays = [rng.standard_normal((3, 2)), rng.standard_normal(4)]
        check_close(stopper.update(loss, arrays), False, "the answer")
        if best is None or loss < best[0]:
            best = loss, arrays
        check_close(stopper.best_loss, best[0], "best_loss")
        check_close(stopper.best_arrays, best[1], "best_arrays")


@pytest.mark.points(2)
@pytest.mark.hint("Training goes on in the arrays that you were shown. What do you hold?")
def test_copies(student, rng, check_close):
    """EarlyStopping: best_arrays are copies, made anew at each improvement."""
    stopper = student.EarlyStopping(3)
    W, b = rng.standard_normal((3, 2)), rng.standard_normal(2)
    W_there, b_there = student.put(W), student.put(b)
    check_close(stopper.update(2.0, [W_there, b_there]), False, "the answer")
    W_there.fill(7.0)
    b_there.fill(-7.0)
    check_close(stopper.best_arrays, [W, b], "best_arrays after the arrays have changed")
    stopper.update(1.0, [W_there, b_there])
    W_there.fill(0.0)
    kept = [np.full((3, 2), 7.0), np.full(2, -7.0)]
    check_close(stopper.best_arrays, kept, "best_arrays after the second improvement")
    stopper.update(3.0, [W_there, b_there])
    check_close(stopper.best_arrays, kept, "best_arrays after a worse update")


@pytest.mark.points(2)
@pytest.mark.hint("Against which loss is min_delta measured, and in which direction?")
def test_min_delta(student, rng, check_close):
    """EarlyStopping: only what is below best_loss − min_delta is an improvement."""
    stopper = student.EarlyStopping(3, min_delta=1.0)
    start = float(rng.uniform(5.0, 9.0))
    # 0.6 below the best is too little, twice in a row; 1.2 below the best is enough.
    steps = [(0.0, True), (0.6, False), (0.9, False), (1.2, True), (1.8, False), (-3.0, False)]
    best = start
    for i, (below, improves) in enumerate(steps):
        loss = start - below
        check_close(stopper.update(loss, [np.array([float(i)])]), False, f"answer {i}")
        if improves:
            best = loss
            check_close(stopper.best_arrays, [np.array([float(i)])], "best_arrays")
        check_close(stopper.best_loss, best, "best_loss")
    check_close(stopper.update(start - 2.0, [np.zeros(1)]), True, "the last answer")
    check_close(stopper.best_loss, best, "best_loss")


@pytest.mark.points(1)
@pytest.mark.hint("Which comparisons with NaN are true?")
def test_nan(student, rng, check_close):
    """EarlyStopping: NaN is no improvement, neither at the start nor later."""
    stopper = student.EarlyStopping(3)
    nan = float("nan")
    loss = float(rng.uniform(1.0, 2.0))
    answers = feed(student, stopper, [nan, nan, loss, nan, loss + 1.0])
    check_close(answers, [False] * 5, "the answers")
    check_close(stopper.best_loss, loss, "best_loss")
    check_close(stopper.best_arrays, [np.array([loss])], "best_arrays")
    check_close(feed(student, stopper, [nan]), [True], "the answer to the third in a row")
    check_close(feed(student, student.EarlyStopping(2), [nan, nan]), [False, True], "the answers")
