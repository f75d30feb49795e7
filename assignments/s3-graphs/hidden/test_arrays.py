"""q6 and q7, 16 points: matrix products, sums, means, and operations that move entries."""

import numpy as np
import pytest


@pytest.mark.points(3)
@pytest.mark.hint("Write the shapes of A, B and G under the formula. Which factors fit?")
def test_matrix_product(check_operation, rng):
    """a @ b: value and gradients, for any number of rows and columns."""
    for n, d, k in [(4, 3, 2), (1, 5, 2), (3, 1, 4), (3, 3, 3)]:
        check_operation(
            "a @ b",
            lambda a, b: a @ b,
            lambda a, b: np.einsum("nd,dk->nk", a, b),
            lambda g, a, b: [np.einsum("nk,dk->nd", g, b), np.einsum("nd,nk->dk", a, g)],
            rng.standard_normal((n, d)),
            rng.standard_normal((d, k)),
        )


@pytest.mark.points(1)
@pytest.mark.hint("Which of the two is the left factor in array @ node?")
def test_matrix_product_with_an_array(check_operation, rng):
    """a @ b: one of the two may be a numpy array."""
    a, left, right = (rng.standard_normal(shape) for shape in [(4, 3), (2, 4), (3, 5)])
    check_operation(
        "a @ array",
        lambda a: a @ right,
        lambda a: np.matmul(a, right),
        lambda g, a: [np.einsum("nk,dk->nd", g, right)],
        a,
    )
    check_operation(
        "array @ a",
        lambda a: left @ a,
        lambda a: np.matmul(left, a),
        lambda g, a: [np.einsum("nd,nk->dk", left, g)],
        a,
    )


@pytest.mark.points(1)
@pytest.mark.hint("With which factor does each entry enter a sum?")
def test_sum_of_all(check_operation, rng):
    """sum(): value and gradient, for arrays of any shape."""
    for shape in [(), (4,), (3, 2), (2, 3, 4)]:
        check_operation(
            "sum()",
            lambda a: a.sum(),
            lambda a: np.array(np.sum(a)),
            lambda g, a: [np.full(np.shape(a), g)],
            np.array(rng.standard_normal(shape)),
        )


@pytest.mark.points(2)
@pytest.mark.hint("The summed axis has vanished from the gradient. Where has it to come back?")
def test_sum_over_an_axis(check_operation, rng):
    """sum(axis): value and gradient for every axis, counted from either end."""
    for shape in [(4,), (2, 3, 4), (3, 3, 3)]:
        for axis in range(-len(shape), len(shape)):
            check_operation(
                f"sum({axis})",
                lambda a, axis=axis: a.sum(axis),
                lambda a, axis=axis: np.array(np.add.reduce(a, axis)),
                lambda g, a, axis=axis: [np.expand_dims(g, axis) + np.zeros(a.shape)],
                rng.standard_normal(shape),
            )


@pytest.mark.points(2)
@pytest.mark.hint("By how many entries does each mean divide? The gradient, too?")
def test_mean(check_operation, rng):
    """mean() and mean(axis): value and gradient."""
    for shape in [(), (4,), (3, 3), (2, 3, 4)]:
        a = np.array(rng.standard_normal(shape))
        check_operation(
            "mean()",
            lambda a: a.mean(),
            lambda a: np.array(np.average(a)),
            lambda g, a: [np.full(a.shape, g / a.size)],
            a,
        )
        for axis in range(-len(shape), len(shape)):
            check_operation(
                f"mean({axis})",
                lambda a, axis=axis: a.mean(axis),
                lambda a, axis=axis: np.array(np.average(a, axis)),
                lambda g, a, axis=axis: [
                    np.expand_dims(g, axis) / a.shape[axis] + np.zeros(a.shape)
                ],
                a,
            )


@pytest.mark.points(1)
@pytest.mark.hint("Which shape has the gradient to have, and which shape does it come in?")
def test_reshape(check_operation, rng):
    """reshape: value and gradient."""
    for old, new in [((2, 6), (3, 4)), ((12,), (2, 3, 2)), ((2, 3, 2), (12,)), ((1, 1), ())]:
        check_operation(
            "reshape",
            lambda a, new=new: a.reshape(new),
            lambda a, new=new: np.reshape(a, new),
            lambda g, a, old=old: [np.reshape(g, old)],
            rng.standard_normal(old),
        )


@pytest.mark.points(1)
@pytest.mark.hint("Where does the last axis go without axes, and where does it come back to?")
def test_transpose(check_operation, rng):
    """transpose(): the axes are reversed, and back."""
    for shape, letters in [((2, 3), "ab"), ((2, 3, 4), "abc"), ((3,), "a")]:
        back = f"{letters[::-1]}->{letters}"
        check_operation(
            "transpose()",
            lambda a: a.transpose(),
            lambda a, letters=letters: np.einsum(f"{letters}->{letters[::-1]}", a),
            lambda g, a, back=back: [np.einsum(back, g)],
            rng.standard_normal(shape),
        )


@pytest.mark.points(2)
@pytest.mark.hint("Which permutation undoes (1, 2, 0)? Try it on a row of three cards.")
def test_transpose_of_three_axes(check_operation, rng):
    """transpose(axes): any permutation of the axes, and its inverse for the gradient."""
    for axes in [(1, 2, 0), (2, 0, 1), (0, 2, 1), (2, 1, 0)]:
        permuted = "".join("abc"[axis] for axis in axes)
        for shape in [(2, 3, 4), (3, 3, 3)]:
            check_operation(
                f"transpose({axes})",
                lambda a, axes=axes: a.transpose(axes),
                lambda a, permuted=permuted: np.einsum(f"abc->{permuted}", a),
                lambda g, a, permuted=permuted: [np.einsum(f"{permuted}->abc", g)],
                rng.standard_normal(shape),
            )


@pytest.mark.points(1)
@pytest.mark.hint("Which entries of a did not take part, and what is their gradient?")
def test_index(check_operation, rng):
    """a[index] by numbers, slices and both: value and gradient."""
    for shape, key in [
        ((5,), 2),
        ((5,), -1),
        ((4, 3), 1),
        ((4, 3), slice(1, 3)),
        ((5, 3), slice(None, None, 2)),
        ((4, 3), (2, 1)),
        ((4, 3), (slice(1, None), 0)),
        ((2, 3, 4), (slice(None), 1, slice(0, 4, 3))),
    ]:
        check_operation("a[index]", lambda a, key=key: a[key], *picked(key), a_of(rng, shape))


@pytest.mark.points(2)
@pytest.mark.hint("An entry that is picked twice is used twice. What becomes of its two gradients?")
def test_index_with_repetitions(check_operation, rng):
    """a[index] by lists and arrays that name an entry more than once."""
    for shape, key in [
        ((4,), [0, 0, 2]),
        ((4, 3), [1, 3, 1, 1]),
        ((4, 3), np.array([[0, 1], [1, 0]])),
        ((4, 3), ([0, 2, 0], [1, 1, 1])),
        ((4, 3), (np.array([3, 3]), slice(0, 2))),
    ]:
        check_operation("a[index]", lambda a, key=key: a[key], *picked(key), a_of(rng, shape))


def a_of(rng, shape):
    return rng.standard_normal(shape)


def picked(key):
    """What a[key] is, and where its gradients go: the numbers of the entries tell."""

    def shares(g, a):
        numbers = np.arange(a.size).reshape(a.shape)[key]
        sums = np.bincount(np.ravel(numbers), weights=np.ravel(g), minlength=a.size)
        return [sums.reshape(a.shape)]

    return lambda a: np.array(a[key]), shares
