from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_and(and_neuron, expect_items, expect_answers, np):
    for n in (2, 3):
        X = np.stack(np.meshgrid(*[[0.0, 1.0]] * n, indexing='ij'), axis=-1).reshape(-1, n)
        answer = and_neuron(n)
        expect_items(answer, ['w', 'b'], 'and_neuron')
        w, b = answer
        assert np.shape(w) == (n,), f'w of and_neuron({n}) has shape {np.shape(w)}, expected ({n},)'
        remedy = 'the sum X w + b should be positive only when all inputs are 1'
        expect_answers(X @ w + b >= 0, X.all(axis=1), X, f'AND of {n} inputs', remedy)

@test_case(points=None, hidden=False)
def test_or(or_neuron, expect_items, expect_answers, np):
    for n in (2, 3):
        X = np.stack(np.meshgrid(*[[0.0, 1.0]] * n, indexing='ij'), axis=-1).reshape(-1, n)
        answer = or_neuron(n)
        expect_items(answer, ['w', 'b'], 'or_neuron')
        w, b = answer
        assert np.shape(w) == (n,), f'w of or_neuron({n}) has shape {np.shape(w)}, expected ({n},)'
        remedy = 'the sum X w + b should be negative only when all inputs are 0'
        expect_answers(X @ w + b >= 0, X.any(axis=1), X, f'OR of {n} inputs', remedy)
