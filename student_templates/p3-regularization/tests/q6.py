from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_split(split_indices, np):
    parts = split_indices(100, 20, 30, 1)
    assert isinstance(parts, tuple) and len(parts) == 3, 'return a tuple of three index arrays'
    sizes = [len(part) for part in parts]
    assert sizes == [50, 20, 30], f'the parts have {sizes} entries, expected [50, 20, 30]'
    together = np.concatenate(parts)
    assert np.array_equal(np.sort(together), np.arange(100)), 'each index belongs to one part'
    assert not np.array_equal(together, np.arange(100)), 'the order has to be random'
    again = np.concatenate(split_indices(100, 20, 30, 1))
    assert np.array_equal(together, again), 'equal seeds must give equal splits'

@test_case(points=None, hidden=False)
def test_standardizer(Standardizer, expect, np):
    ruler = Standardizer()
    ruler.fit(np.array([[1.0, 7.0], [5.0, 7.0]]))
    expect(ruler.mean, [3.0, 7.0], 'mean')
    expect(ruler.std, [2.0, 1.0], 'std', 'per feature; 1 for a feature that is constant')
    new = ruler.transform(np.array([[9.0, 8.0]]))
    expect(new, [[3.0, 1.0]], 'new rows', 'use the mean and std that fit has measured')

@test_case(points=None, hidden=False)
def test_prepare(prepare, expect, np):
    x = np.arange(40.0).reshape(20, 2) ** 2
    parts = prepare(x, np.arange(20), 5, 6, 3)
    assert isinstance(parts, tuple) and len(parts) == 3, 'return a tuple of three pairs'
    (x_train, y_train), (x_validation, y_validation), (x_test, y_test) = parts
    sizes = [len(y_train), len(y_validation), len(y_test)]
    assert sizes == [9, 5, 6], f'the parts have {sizes} objects, expected [9, 5, 6]'
    mean, std = (x[y_train].mean(axis=0), x[y_train].std(axis=0))
    expect(x_train, (x[y_train] - mean) / std, 'x of the training part')
    because = 'by the training statistics, and each row with its own label'
    expect(x_validation, (x[y_validation] - mean) / std, 'x of the validation part', because)
    expect(x_test, (x[y_test] - mean) / std, 'x of the test part', because)
