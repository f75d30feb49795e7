from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_gradient_of_a_batch(mse_gradient, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [1.0, 0.0]])
    y = np.array([1.0, 0.0, 2.0, 1.0])
    expect(mse_gradient(np.array([1.0, 1.0]), X, y), [1.0, 2.5], 'the gradient', '2/n · Xᵀ (X w - y), where n is the number of rows of X')

@test_case(points=None, hidden=False)
def test_batches(minibatches, np):
    X, y = (np.arange(30.0).reshape(10, 3), np.arange(10) * 100)
    batches = minibatches(X, y, 4, 0)
    assert isinstance(batches, list), f'minibatches returned a {type(batches).__name__}, not a list'
    sizes = [len(X_batch) for X_batch, y_batch in batches]
    assert sizes == [4, 4, 2], f'10 objects in batches of 4 have the sizes {sizes}, not [4, 4, 2]'
    rows = np.concatenate([X_batch for X_batch, y_batch in batches])
    answers = np.concatenate([y_batch for X_batch, y_batch in batches])
    assert sorted(rows[:, 0]) == list(X[:, 0]), 'an object is missing, or is there twice'
    assert not np.array_equal(rows, X), 'the objects are in their old order: shuffle them'
    assert np.array_equal(rows[:, 0] // 3 * 100, answers), 'objects and answers are torn apart: index X and y with one and the same permutation'
    again = minibatches(X, y, 4, 0)
    assert np.array_equal(again[0][0], batches[0][0]), 'equal seeds must give equal batches'
    generator = np.random.default_rng(0)
    one, two = (minibatches(X, y, 10, generator)[0][1] for _ in range(2))
    assert not np.array_equal(one, two), 'two epochs with one generator have the same permutation'

@test_case(points=None, hidden=False)
def test_steps(stochastic_descent, expect, np):
    seen = []

    def gradient(w, X_batch, y_batch):
        seen.append(y_batch[0])
        return w * y_batch[0]
    X, y = (np.zeros((3, 1)), np.array([0.5, 1.0, 1.5]))
    path = stochastic_descent(gradient, np.array([16.0]), X, y, 1.0, 1, 2, 0)
    assert len(seen) == 6, f'{len(seen)} gradients for 2 epochs of 3 batches, expected 6'
    assert sorted(seen[:3]) == sorted(seen[3:]) == list(y), 'an epoch uses each object once'
    expected = 16.0 * np.cumprod([1.0] + [1.0 - factor for factor in seen])
    expect(path, expected[:, None], 'the path', 'one step w - lr · gradient(w, X, y) per batch')
