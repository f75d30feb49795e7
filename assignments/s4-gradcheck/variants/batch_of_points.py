"""All moved points are laid out in one array first and evaluated in one sweep; answers are cut."""

import numpy as np


def _evaluate(function, x, moves):
    """The values of the function at x + move for each row of moves (M, size)."""
    x = np.asarray(x, dtype="float64")
    points = x.reshape(1, -1) + moves
    return np.array([function(point.reshape(x.shape)) for point in points], dtype=float)


def _moves(x, h):
    h = np.broadcast_to(np.asarray(h, dtype=float), np.shape(x)).ravel()
    return h, np.diag(h)


def forward_difference(function, x, h):
    h, moves = _moves(x, h)
    values = _evaluate(function, x, np.vstack([np.zeros_like(h), moves]))
    return ((values[1:] - values[0]) / h).reshape(np.shape(x))


def central_difference(function, x, h):
    h, moves = _moves(x, h)
    values = _evaluate(function, x, np.concatenate([moves, -moves]))
    above, below = np.split(values, 2)
    return np.reshape((above - below) / h * 0.5, np.shape(x))


def best_steps(noise, second, third):
    return (2 * np.sqrt(noise / second), np.cbrt(3 * noise / third))


def error_curves(function, gradient, x, steps):
    table = np.array(
        [
            [np.linalg.norm(np.ravel(d(function, x, h) - gradient), np.inf) for h in steps]
            for d in (forward_difference, central_difference)
        ]
    )
    return tuple(table)


def step_sizes(x):
    h = np.abs(np.array(x, dtype=float))
    return np.clip(h, 1.0, None) * np.cbrt(np.finfo(np.float64).eps)


def numerical_gradient(function, x):
    return central_difference(function, x, step_sizes(x))


def relative_error(a, b, floor=1e-3):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    if np.shape(a) != np.shape(b):
        raise ValueError
    error = np.full(a.shape, np.inf)
    fine = np.isfinite(a + 0 * b) & np.isfinite(b)
    same = fine & (a == b)
    differ = fine & ~same
    error[same] = 0
    p, q = a[differ], b[differ]
    error[differ] = abs(p - q) / np.max([abs(p), abs(q), np.full(p.shape, floor)], axis=0)
    return error


def _slopes(function, x):
    """Central, right and left slopes from one set of 2n + 1 values."""
    h, moves = _moves(x, step_sizes(x))
    values = _evaluate(function, x, np.concatenate([np.zeros((1, h.size)), moves, -moves]))
    here, above, below = values[0], values[1 : 1 + h.size], values[1 + h.size :]
    shape = np.shape(x)
    return (
        ((above - below) / (2 * h)).reshape(shape),
        ((above - here) / h).reshape(shape),
        ((here - below) / h).reshape(shape),
    )


def _is_kink(right, left):
    with np.errstate(invalid="ignore"):
        jump = np.abs(right - left)
        return jump / np.maximum.reduce([np.ones_like(jump), np.abs(right), np.abs(left)]) > 1e-3


def kinks(function, x):
    _, right, left = _slopes(function, x)
    return _is_kink(right, left)


def check_gradient(function, claimed, x, tolerance=1e-5):
    if np.shape(claimed) != np.shape(x):
        return False, np.inf, None, 0
    numerical, right, left = _slopes(function, x)
    skip = _is_kink(right, left)
    skip &= np.isfinite(claimed)
    error = np.ma.masked_array(relative_error(claimed, numerical), mask=skip)
    if error.count() == 0:
        return False, np.inf, None, skip.sum()
    where = np.unravel_index(error.argmax(fill_value=-1.0), error.shape)
    return error.max() <= tolerance, error.max(), where, np.count_nonzero(skip)


def check_layer(forward, backward, inputs, rng):
    out = np.asarray(forward(**inputs))
    grad_output = np.random.default_rng(rng).standard_normal(out.size).reshape(out.shape)
    report = {}
    for name, claimed in backward(grad_output, **inputs).items():
        others = {key: value for key, value in inputs.items() if key != name}
        report[name] = check_gradient(
            lambda value, name=name, others=others: np.einsum(
                "i,i", grad_output.ravel(), forward(**others, **{name: value}).ravel()
            ),
            claimed,
            inputs[name],
        )
    return report


def common_factor(claimed, numerical):
    a, n = np.ravel(claimed), np.ravel(numerical)
    if not n.any() or not np.isfinite(a).all():
        return None
    ((c,), *_) = np.linalg.lstsq(n[:, None], a, rcond=None)
    return c if np.abs(a - c * n).max() <= 1e-4 * np.abs(n).max() else None


def findings():
    return np.flatnonzero([0, 0, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 1]).tolist()
