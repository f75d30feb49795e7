from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_linear_layer(check_layer, np):

    def forward(x, W):
        return x @ W

    def right(grad_output, x, W):
        return {'x': grad_output @ W.T, 'W': x.T @ grad_output}

    def averaged(grad_output, x, W):
        return {'x': grad_output @ W.T, 'W': x.T @ grad_output / len(x)}
    rng = np.random.default_rng(0)
    inputs = {'x': rng.normal(size=(4, 3)), 'W': rng.normal(size=(3, 2))}
    answer = check_layer(forward, right, inputs, 1)
    assert isinstance(answer, dict) and set(answer) == {'x', 'W'}, f'the answer is {answer!r}, expected a dict with the keys x and W'
    for name in ('x', 'W'):
        assert answer[name][0], f'the right gradient by {name} does not pass: {answer[name]}'
    answer = check_layer(forward, averaged, inputs, np.random.default_rng(1))
    assert answer['x'][0], 'a wrong gradient by W should not spoil the one by x'
    assert not answer['W'][0], 'a gradient by W that is divided by N passes'

@test_case(points=None, hidden=False)
def test_upstream_gradient(check_layer, np):
    asked = []

    def forward(x):
        e = np.exp(x)
        return e / np.sum(e, axis=1, keepdims=True)

    def zeros(grad_output, x):
        asked.append(np.array(grad_output))
        return {'x': np.zeros_like(x)}
    x = np.array([[0.1, 1.0, -0.5], [2.0, 0.0, 0.3]])
    for seed in (1, 2, 1):
        assert not check_layer(forward, zeros, {'x': x}, seed)['x'][0], 'a softmax whose backward returns zeros passes: what upstream gradient did you take?'
    assert len(asked) == 3, f'backward was called {len(asked)} times for three checks'
    assert asked[0].shape == (2, 3), f'grad_output has shape {asked[0].shape}, the output (2, 3)'
    assert np.array_equal(asked[0], asked[2]), 'equal seeds must give equal upstream gradients'
    assert not np.array_equal(asked[0], asked[1]), 'another seed should give another one'

@test_case(points=None, hidden=False)
def test_input_without_gradient(check_layer, np):

    def forward(table, ids):
        return table[ids]

    def backward(grad_output, table, ids):
        grad = np.zeros(table.shape)
        np.add.at(grad, ids, grad_output)
        return {'table': grad}
    inputs = {'table': np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), 'ids': np.array([2, 0, 2])}
    answer = check_layer(forward, backward, inputs, 0)
    assert set(answer) == {'table'}, 'only what backward returns is checked; ids stay integers'
    assert answer['table'][0], f"the right gradient by the table does not pass: {answer['table']}"
