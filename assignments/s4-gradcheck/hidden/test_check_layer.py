"""q7, 13 points: layers, right ones and wrong ones, under a random upstream gradient.

The layers stay with the examiner: the student's code can only call them.
"""

import numpy as np
import pytest

from autograder.suite import callback, fail


def softmax(x):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def softmax_backward(grad_output, x):
    p = softmax(x)
    return {"x": p * (grad_output - np.sum(p * grad_output, axis=1, keepdims=True))}


def linear(x, W, b):
    return np.asarray(x, dtype=float) @ np.asarray(W, dtype=float) + b


def linear_backward(grad_output, x, W, b):
    return {
        "x": grad_output @ np.asarray(W, dtype=float).T,
        "W": np.asarray(x, dtype=float).T @ grad_output,
        "b": grad_output.sum(axis=0),
    }


def batch_norm(x, gamma):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def batch_norm_backward(grad_output, x, gamma):
    std = np.sqrt(x.var(axis=0) + 1e-5)
    x_hat, g = (x - x.mean(axis=0)) / std, gamma * grad_output
    grad_x = (g - g.mean(axis=0) - x_hat * np.mean(g * x_hat, axis=0)) / std
    return {"x": grad_x, "gamma": np.sum(grad_output * x_hat, axis=0)}


def relu(x):
    return np.maximum(x, 0.0)


def relu_backward(grad_output, x):
    return {"x": grad_output * (x > 0)}


def embedding(table, ids):
    return table[ids]


def embedding_backward(grad_output, table, ids):
    grad = np.zeros(np.shape(table))
    np.add.at(grad, ids, grad_output)
    return {"table": grad}


def tanh(x):
    return np.tanh(x)


def mean_pool(x):
    return x.mean(axis=1)


def mean_pool_backward(grad_output, x):
    return {"x": np.repeat(grad_output[:, None], x.shape[1], axis=1) / x.shape[1]}


def callbacks(forward, backward, inputs):
    """The two passes of a layer for the student's code to call, with the shapes of these inputs."""
    shapes = [np.shape(value) for value in inputs.values()]
    output = np.shape(forward(**inputs))
    return callback(forward, *shapes), callback(backward, output, *shapes)


@pytest.fixture
def verdicts(student, rng, check_close):
    """Check a layer with a random seed and compare which of its gradients pass."""

    def check(forward, backward, inputs, passed, what):
        asked = callbacks(forward, backward, inputs)
        answer = student.check_layer(*asked, inputs, int(rng.integers(2**31)))
        is_dict = type(answer) is dict
        if not is_dict or set(answer) != set(passed):  # checked: a dict's keys are strings
            fail("check_layer has to return a dict with the names that backward returned")
        for name, expected in passed.items():
            check_close(answer[name][0], expected, f"passed, for the gradient by {name} of {what}")
        return answer

    return check


def spread(rng, n, d):
    """An (n, d) array with columns of a spread that no batch statistics get into trouble with."""
    rows = np.linspace(-1.5, 1.5, n)[:, None] * rng.choice([-1.0, 1.0], d)
    return rng.permutation(rows) + rng.uniform(-0.2, 0.2, (n, d))


@pytest.mark.points(3)
@pytest.mark.hint("Which inputs stay where they are while one of them is checked?")
def test_right_layers(rng, verdicts, check_close):
    """check_layer: right layers pass, with several inputs, kinks, and inputs without gradient."""
    inputs = {"x": spread(rng, 3, 4), "W": rng.uniform(-1, 1, (4, 2)), "b": rng.uniform(-1, 1, 2)}
    right = {"x": True, "W": True, "b": True}
    verdicts(linear, linear_backward, inputs, right, "a right linear layer")
    verdicts(softmax, softmax_backward, {"x": spread(rng, 2, 3)}, {"x": True}, "a right softmax")
    inputs = {"x": spread(rng, 5, 2), "gamma": rng.uniform(0.5, 2.0, 2)}
    right = {"x": True, "gamma": True}
    verdicts(batch_norm, batch_norm_backward, inputs, right, "a right batch norm")
    inputs = {"table": rng.uniform(-1, 1, (3, 2)), "ids": rng.integers(0, 3, 5)}
    verdicts(embedding, embedding_backward, inputs, {"table": True}, "a right embedding")
    inputs = {"x": rng.uniform(-1, 1, (1, 3, 2))}
    verdicts(mean_pool, mean_pool_backward, inputs, {"x": True}, "a right pooling layer")
    x = np.array([[0.0, 1.0, -2.0], [0.5, 0.0, -0.1]])
    answer = verdicts(relu, relu_backward, {"x": x}, {"x": True}, "a right ReLU")
    check_close(answer["x"][3], 2, "skipped, for a ReLU with two kinks")


@pytest.mark.points(2)
@pytest.mark.hint("Is each gradient judged by itself, against the input of its own name?")
def test_which_gradient(rng, verdicts):
    """check_layer: says which of the gradients is wrong."""
    right = {"x": True, "W": True, "b": True}
    for name, what, d, k, wrong in [
        ("b", "averages over the batch", 2, 2, lambda grad: grad / 3),
        ("W", "transposes", 3, 3, lambda grad: grad.T),
        ("x", "has the wrong sign", 1, 2, lambda grad: -grad),
        ("b", "sums to one number", 1, 2, lambda grad: np.sum(grad)),
    ]:
        inputs = {"x": spread(rng, 3, d), "W": rng.uniform(0, 1, (d, k)), "b": np.zeros(k)}

        def backward(grad_output, x, W, b, name=name, wrong=wrong):
            grads = linear_backward(grad_output, x, W, b)
            return grads | {name: wrong(grads[name])}

        passed = right | {name: False}
        verdicts(linear, backward, inputs, passed, f"a linear layer that {what} there")


@pytest.mark.points(3)
@pytest.mark.hint("Which gradient does a softmax have when all its outputs count the same?")
def test_what_ones_would_hide(rng, verdicts):
    """check_layer: finds the bugs that an upstream gradient of ones hides."""

    def zeros(grad_output, x, gamma=None):
        return {"x": np.zeros(x.shape)}

    def averaged(grad_output, x):
        return {"x": softmax(x) * (grad_output - grad_output.mean(axis=1, keepdims=True))}

    def without_upstream(grad_output, x):
        return {"x": 1.0 - np.tanh(x) ** 2}

    x = spread(rng, 2, 3)
    wrong = {"x": False}
    verdicts(softmax, zeros, {"x": x}, wrong, "a softmax that returns zeros")
    verdicts(softmax, averaged, {"x": x}, wrong, "a softmax with a mean in place of a sum")
    verdicts(tanh, without_upstream, {"x": x}, wrong, "a tanh that ignores grad_output")
    inputs = {"x": spread(rng, 4, 1), "gamma": rng.uniform(0.5, 2.0, 1)}
    verdicts(batch_norm, zeros, inputs, wrong, "a batch norm that returns zeros")


@pytest.mark.points(1)
@pytest.mark.hint("Which signs does your upstream gradient have?")
def test_what_one_sign_would_hide(rng, verdicts):
    """check_layer: finds a mask that is taken from the sign of grad_output."""

    scale = rng.uniform(0.5, 1.5, 40)

    def forward(x):
        return relu(x[:, None] * scale)

    def backward(grad_output, x):
        return {"x": relu(grad_output) @ scale}

    # All 40 signs of a row of a random upstream gradient are the same once in 10¹².
    x = rng.uniform(0.5, 1.5, 3)
    verdicts(forward, backward, {"x": x}, {"x": False}, "a ReLU with its mask from grad_output")


@pytest.mark.points(1)
@pytest.mark.hint("Do all entries of all gradients have a say?")
def test_subtle_bugs(rng, verdicts):
    """check_layer: finds one wrong entry, and a factor in a gradient of about 1e-6."""

    def one_entry(grad_output, x):
        grads = softmax_backward(grad_output, x)
        grads["x"][-1, -1] += 0.01
        return grads

    verdicts(softmax, one_entry, {"x": spread(rng, 2, 3)}, {"x": False}, "a softmax")

    def small(x):
        return 1e-6 * x

    def doubled(grad_output, x):
        return {"x": 2e-6 * grad_output}

    x = rng.uniform(-1, 1, (2, 4))
    verdicts(small, doubled, {"x": x}, {"x": False}, "a layer with small gradients")


@pytest.mark.points(1)
@pytest.mark.hint("What is the answer for a gradient that cannot be compared at all?")
def test_unusable_gradients(rng, verdicts):
    """check_layer: NaN and wrong shapes do not pass, the other gradients are still judged."""
    inputs = {"x": spread(rng, 3, 2), "W": rng.uniform(-1, 1, (2, 2)), "b": np.zeros(2)}

    def backward(grad_output, x, W, b):
        grads = linear_backward(grad_output, x, W, b)
        grads["W"][1, 1] = np.nan
        return grads | {"b": grads["b"][None]}

    passed = {"x": True, "W": False, "b": False}
    verdicts(linear, backward, inputs, passed, "a linear layer with NaN in W and b of shape (1, 2)")


@pytest.mark.points(1)
@pytest.mark.hint("What do your steps leave behind, in the caller's arrays and in your own?")
def test_inputs(student, rng, check_close):
    """check_layer: takes integers and float32 numbers, leaves the inputs unchanged."""
    inputs = {
        "x": rng.integers(-3, 4, (3, 2)),
        "W": rng.uniform(-1, 1, (2, 2)).astype(np.float32),
        "b": np.array([1e-20, 0.1]),
    }
    asked = []

    def forward(x, W, b):
        asked.append(np.concatenate([np.ravel(x), np.ravel(W), np.ravel(b)]).astype(float))
        return linear(x, W, b)

    layer = callbacks(forward, linear_backward, inputs)
    asked.clear()
    there = student.put(inputs)
    answer = student.check_layer(*layer, there, 5)
    for name in inputs:
        check_close(answer[name][0], True, f"passed, for the gradient by {name} of a right layer")
    left = student.fetch(there)
    for name, value in inputs.items():
        check_close(left[name], value, f"{name} afterwards", rtol=0.0, atol=0.0, dtype="exact")
    given = np.concatenate([value.ravel() for value in inputs.values()])
    if any(np.count_nonzero(np.abs(point - given) > 1e-12) > 1 for point in asked):
        fail("forward was called at a point that differs from the inputs in more than one entry")


@pytest.mark.points(1)
@pytest.mark.hint("From which distribution does grad_output come, and from which generator?")
def test_upstream_gradient(student, rng, check_close):
    """check_layer: one standard normal upstream gradient of the shape of the output, from rng."""
    weights = 0.01 * rng.standard_normal((3, 40, 50))
    asked = []

    def forward(x):
        return np.tensordot(x, weights, 1)

    def backward(grad_output, x):
        asked.append(np.array(grad_output))
        return {"x": np.tensordot(weights, grad_output, 2)}

    x = rng.uniform(-1, 1, 3)
    seed = int(rng.integers(2**31))
    layer = callbacks(forward, backward, {"x": x})
    for chosen in (seed, seed + 1, seed):
        answer = student.check_layer(*layer, {"x": x}, chosen)
        check_close(answer["x"][0], True, "passed, for a right layer with many outputs")
    if len(asked) != 3:
        fail(f"backward was called {len(asked)} times for three checks, expected once for each")
    for G in asked:
        # Of the right type and shape; the values are looked at below.
        check_close(G, np.zeros((40, 50)), "grad_output", atol=100.0)
        # Over 2,000 draws: each bound is more than seven standard errors wide.
        if abs(G.mean()) > 0.16 or not 0.88 < G.std() < 1.12:
            fail("grad_output does not look like draws from the standard normal distribution")
        for axis in (0, 1):
            if G.std(axis=axis).min() < 0.2:
                fail("the entries of grad_output are not drawn independently of each other")
    if not np.array_equal(asked[0], asked[2]):
        fail("equal seeds gave different upstream gradients")
    if np.array_equal(asked[0], asked[1]):
        fail("different seeds gave the same upstream gradient")
