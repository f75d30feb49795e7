from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_truth_tables(boolean_network, expect_items, expect_answers, np):
    tables = {'implication': [[0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 1, 1]], 'exactly one of two': [[1, 0, 1], [1, 1, 0], [0, 0, 0], [0, 1, 1]], 'negation': [[0, 1], [1, 0]], 'exactly two of three': [[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]], 'always false': [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]], 'always true': [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]}
    for name, table in tables.items():
        X, y = (np.array(table, dtype=float)[:, :-1], np.array(table, dtype=float)[:, -1])
        network = boolean_network(X, y)
        expect_items(network, ['W1', 'b1', 'w2', 'b2'], 'boolean_network')
        W1, b1, w2, b2 = network
        assert np.shape(W1) == (X.shape[1], *np.shape(b1)) and np.shape(w2) == np.shape(b1), f'"{name}": W1 should have shape (n, H), b1 and w2 the shape (H,); they have {np.shape(W1)}, {np.shape(b1)} and {np.shape(w2)}'
        sums = 1.0 * (X @ W1 + b1 >= 0) @ w2 + b2
        remedy = 'which hidden neurons fire there, and which should?'
        expect_answers(sums >= 0, y, X, f'the network for "{name}"', remedy)
