"""q6, 10 points: splitting the data and standardising it."""

import numpy as np
import pytest

from autograder.suite import distinct, fail, integers, items

NAMES = ("the training part", "the validation part", "the test part")


def partition(parts, sizes, check_close):
    """The indices of three parts, once each index is in exactly one of them."""
    found = [
        integers(part, (size,), name)
        for part, size, name in zip(items(parts, 3, "the answer"), sizes, NAMES, strict=True)
    ]
    check_close(np.sort(np.concatenate(found)), np.arange(sum(sizes)), "indices of all parts")
    return found


@pytest.mark.points(2)
@pytest.mark.hint("Which indices may occur in two parts, and what is order[-0:]?")
def test_split(student, rng, check_close):
    """split_indices: parts of the wanted sizes, also empty ones; each index in exactly one."""
    for n, n_validation, n_test in [(60, 20, 15), (30, 0, 10), (30, 10, 0), (20, 0, 0), (9, 4, 5)]:
        parts = student.split_indices(n, n_validation, n_test, int(rng.integers(1, 999)))
        partition(parts, (n - n_validation - n_test, n_validation, n_test), check_close)


@pytest.mark.points(2)
@pytest.mark.hint("What would happen to a file that is sorted by class?")
def test_split_is_random(student, rng, check_close):
    """split_indices: every part is a random choice; equal seeds give equal parts."""
    seed = int(rng.integers(1, 2**31))
    parts, again, *others = (
        partition(student.split_indices(90, 30, 30, *one), (30, 30, 30), check_close)
        for one in ([seed], [seed], [seed + 1], [])
    )
    if not np.array_equal(again, parts):
        fail("the same seed gives another split")
    for choices in zip(parts, *others, strict=True):
        if not distinct([np.sort(choice) for choice in choices], (30,), "a part"):
            fail("another seed gives the same choice of objects")
    for part in parts:
        if np.ptp(part) == 29:
            fail("a part is a run of neighbours: sorted data would give it one class only")


@pytest.mark.points(2)
@pytest.mark.hint("One number per feature, or one for all, or one per object?")
def test_standardizer(student, rng, check_close):
    """Standardizer: mean and deviation of each feature are those of the fitted data."""
    for n, d in [(20, 4), (5, 5), (2, 3)]:
        x = rng.uniform(-5, 5, d) + rng.uniform(0.5, 4, d) * rng.standard_normal((n, d))
        ruler, there = student.Standardizer(), student.put(x)
        ruler.fit(there)
        mean, std = np.einsum("nd->d", x) / n, x.std(axis=0)
        check_close(ruler.mean, mean, "mean")
        check_close(ruler.std, std, "std")
        there.fill(1.0)
        for new in (x, rng.standard_normal((3, d)), rng.standard_normal((1, d))):
            new_there = student.put(new)
            check_close(ruler.transform(new_there), (new - mean) / std, "the new rows")
            check_close(student.fetch(new_there), new, "x after transform")


@pytest.mark.points(2)
@pytest.mark.hint("What is the deviation of a pixel that is always white?")
def test_constant_features(student, rng, check_close):
    """Standardizer: a constant feature is only centred; integers are numbers; fit again is anew."""
    ruler = student.Standardizer()
    x = rng.integers(0, 17, (8, 5))
    x[0], x[1] = 0, 16
    x[:, 1], x[:, 3] = 0, 7
    ruler.fit(x)
    std = x.std(axis=0)
    std[[1, 3]] = 1.0
    new = rng.integers(0, 17, (4, 5))
    check_close(ruler.std, std, "std")
    check_close(ruler.transform(new), (new - x.mean(axis=0)) / std, "the new rows")
    other = rng.standard_normal((6, 5))
    ruler.fit(other)
    expected = (new - other.mean(axis=0)) / other.std(axis=0)
    check_close(ruler.transform(new), expected, "rows after a second fit")


@pytest.mark.points(2)
@pytest.mark.hint("Which part may have a say in the mean, and which label belongs to which row?")
def test_prepare(student, rng, check_close):
    """prepare: all parts by the training part's statistics, rows with their own labels."""
    for n, n_validation, n_test in [(24, 6, 8), (15, 4, 0)]:
        x = rng.standard_normal((n, 3)) * [1.0, 5.0, 0.2] + [3.0, 0.0, -1.0]
        # Labels that are all different tell which rows came along.
        labels = rng.permutation(n)
        row = np.argsort(labels)
        x_there, labels_there = student.put(x), student.put(labels)
        seed = int(rng.integers(1, 2**31))
        answer = student.prepare(x_there, labels_there, n_validation, n_test, seed)
        pairs = [items(pair, 2, "a pair of the answer") for pair in items(answer, 3, "the answer")]
        sizes = (n - n_validation - n_test, n_validation, n_test)
        parts = partition([own for _, own in pairs], sizes, check_close)
        rows = x[row[parts[0]]]
        mean, std = rows.mean(axis=0), rows.std(axis=0)
        for (part, _), own, name in zip(pairs, parts, NAMES, strict=True):
            if len(own):
                check_close(part, (x[row[own]] - mean) / std, f"x of {name}")
        check_close(student.fetch(x_there), x, "x after prepare")
        check_close(student.fetch(labels_there), labels, "labels after prepare")
        again = student.prepare(x, labels, n_validation, n_test, seed)[0]
        if not np.array_equal(integers(again[1], (sizes[0],), NAMES[0]), parts[0]):
            fail("the same seed gives other parts")
