"""q4, q5 and q6, 28 points: softmax, cross-entropy of the softmax, mean squared error."""

import numpy as np
import pytest


def log_softmax(z):
    return z - np.logaddexp.reduce(z, axis=1)[:, None]


def cross_entropy(logits, labels):
    return float(-np.mean(log_softmax(logits)[np.arange(len(labels)), labels]))


def cross_entropy_gradient(logits, labels):
    return (np.exp(log_softmax(logits)) - np.eye(logits.shape[1])[labels]) / len(labels)


def mean_squared_error(prediction, target):
    return float(np.square(prediction - target).mean())


@pytest.mark.points(3)
@pytest.mark.hint("Over which axis does each object's distribution sum to 1?")
def test_softmax(student, rng, check_close):
    """softmax: each row becomes its own distribution, whatever the shape of the batch."""
    for shape in [(5, 3), (2, 6), (4, 4), (1, 5)]:
        z = 2.0 * rng.standard_normal(shape)
        check_close(student.softmax(z), np.exp(log_softmax(z)), "softmax")


@pytest.mark.points(3)
@pytest.mark.hint("Which number may be subtracted from a row, and does one number suit all rows?")
def test_softmax_of_extremes(student, rng, check_close):
    """softmax: right for logits of ±1000 and for rows of very different size."""
    z = rng.standard_normal((6, 4))
    z += np.array([0.0, 1000.0, -1000.0, -3000.0, 50.0, 0.0])[:, None]
    z[5] = [1000.0, 999.0, -1000.0, 0.0]
    check_close(student.softmax(z), np.exp(log_softmax(z)), "softmax of large logits")


@pytest.mark.points(2)
@pytest.mark.hint("Which of your statements writes into z, and what is the dtype of the result?")
def test_softmax_leaves_its_input(student, rng, check_close):
    """softmax: leaves its input unchanged and takes integers."""
    z = rng.standard_normal((3, 5))
    there = student.put(z)
    check_close(student.softmax(there), np.exp(log_softmax(z)), "softmax")
    check_close(student.fetch(there), z, "z after softmax")
    integers = rng.integers(-3, 4, (4, 3))
    check_close(student.softmax(integers), np.exp(log_softmax(integers)), "softmax of integers")


@pytest.mark.points(3)
@pytest.mark.hint("Work out the loss of two objects with pen and paper. What do you divide by?")
def test_cross_entropy(student, rng, check_close):
    """SoftmaxCrossEntropy: forward is the mean of −ln p of the true classes."""
    for n, classes in [(6, 3), (2, 5), (4, 4), (1, 3)]:
        logits, labels = 2.0 * rng.standard_normal((n, classes)), rng.integers(0, classes, n)
        loss = student.SoftmaxCrossEntropy()
        check_close(loss.forward(logits, labels), cross_entropy(logits, labels), "loss")


@pytest.mark.points(3)
@pytest.mark.hint("Differentiate the right-hand form of L by the true logit and by another one.")
def test_cross_entropy_gradient(student, rng, check_gradients):
    """SoftmaxCrossEntropy: backward is the gradient by the logits."""
    for n, classes in [(5, 3), (3, 4), (1, 3)]:
        logits, labels = rng.standard_normal((n, classes)), rng.integers(0, classes, n)
        check_gradients(
            student.SoftmaxCrossEntropy(), logits, labels, reference=cross_entropy, scalar=True
        )


@pytest.mark.points(4)
@pytest.mark.hint("What is ln p when p underflows to 0, and can the loss do without p?")
def test_confident_answers(student, rng, check_close):
    """SoftmaxCrossEntropy: exact for confident answers, wrong ones and right ones."""
    logits = rng.standard_normal((6, 4))
    logits[1] += 1000.0
    logits[2] = [1000.0, 0.0, -1000.0, 3.0]
    logits[3] = [0.0, 800.0, 1.0, -5.0]
    logits[4] -= 2000.0
    labels = np.array([3, 1, 2, 1, 0, 2])
    loss = student.SoftmaxCrossEntropy()
    check_close(loss.forward(logits, labels), cross_entropy(logits, labels), "loss")
    check_close(loss.backward(), cross_entropy_gradient(logits, labels), "gradient")
    sure = np.array([[20.0, 0.5, 0.0], [0.0, 1.0, 22.0]])
    check_close(loss.forward(sure, np.array([0, 2])), cross_entropy(sure, [0, 2]), "small loss")
    unsure = rng.uniform(-12.0, -9.0, (2, 3))
    unsure[:, 0] = 0.0
    check_close(
        loss.forward(unsure, np.array([1, 2])), cross_entropy(unsure, [1, 2]), "loss of p ≈ 1e-5"
    )


@pytest.mark.points(3)
@pytest.mark.hint(
    "What do forward and backward write into, and what does the next call find there?"
)
def test_cross_entropy_used_twice(student, rng, check_close):
    """SoftmaxCrossEntropy: works for a second batch and backward, leaves the caller's arrays."""
    loss = student.SoftmaxCrossEntropy()
    for n, classes in [(6, 3), (2, 5)]:
        # The last class does not occur in the batch.
        logits, labels = rng.standard_normal((n, classes)), rng.integers(0, classes - 1, n)
        logits_there, labels_there = student.put(logits), student.put(labels)
        value = loss.forward(logits_there, labels_there)
        check_close(value, cross_entropy(logits, labels), "loss")
        check_close(student.fetch(logits_there), logits, "logits after forward")
        logits_there.fill(0.5)
        labels_there.fill(2)
        expected = cross_entropy_gradient(logits, labels)
        check_close(loss.backward(), expected, "gradient")
        check_close(loss.backward(), expected, "gradient from a second backward")


@pytest.mark.points(2)
@pytest.mark.hint("How many elements are there, and is the shape of the difference what you think?")
def test_mse(student, rng, check_close):
    """MSE: forward is the mean over all elements, for arrays of any shape."""
    for shape in [(5, 3), (6,), (4, 1), (2, 3, 4)]:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        check_close(student.MSE().forward(a, y), mean_squared_error(a, y), "loss")


@pytest.mark.points(3)
@pytest.mark.hint("Differentiate the forward as you wrote it: which constants survive?")
def test_mse_gradient(student, rng, check_gradients):
    """MSE: backward is the gradient by the prediction."""
    for shape in [(5, 3), (1, 4), (6,)]:
        a, y = rng.standard_normal(shape), rng.standard_normal(shape)
        check_gradients(student.MSE(), a, y, reference=mean_squared_error, scalar=True)


@pytest.mark.points(2)
@pytest.mark.hint("Which arrays does your loss write into, and which does it look at later?")
def test_mse_used_twice(student, rng, check_close):
    """MSE: works for a second batch, takes integers, leaves the caller's arrays alone."""
    loss = student.MSE()
    for shape in [(4, 3), (2, 6)]:
        a, y = rng.standard_normal(shape), rng.integers(-3, 4, shape)
        a_there, y_there = student.put(a), student.put(y)
        check_close(loss.forward(a_there, y_there), mean_squared_error(a, y), "loss")
        check_close(student.fetch(a_there), a, "prediction after forward")
        a_there.fill(7.0)
        y_there.fill(1)
        check_close(loss.backward(), 2.0 * (a - y) / a.size, "gradient")
