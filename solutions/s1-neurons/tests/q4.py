from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_product(add_product, expect, np):
    X = np.array([[2.0, 3.0], [1.0, 1.0], [0.0, 5.0]])
    wanted = [[2.0, 3.0, 6.0], [1.0, 1.0, 1.0], [0.0, 5.0, 0.0]]
    expect(add_product(X), wanted, 'add_product', 'the columns x1, x2, x1 · x2')

@test_case(points=None, hidden=False)
def test_xor_neuron(xor_neuron, expect_items, expect_answers, np):
    answer = xor_neuron()
    expect_items(answer, ['w', 'b'], 'xor_neuron')
    w, b = answer
    assert np.shape(w) == (3,), f'w has shape {np.shape(w)}, expected (3,): x1, x2 and x1 · x2'
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    sums = np.column_stack([X, X[:, 0] * X[:, 1]]) @ w + b
    remedy = 'work out the four sums by hand; how much must x1 · x2 take away?'
    expect_answers(sums >= 0, [0, 1, 1, 0], X, 'the neuron', remedy)

@test_case(points=None, hidden=False)
def test_two_layers(two_layer, expect, np):
    X = np.array([[3.0, 0.0], [1.0, 1.0], [0.0, 2.0], [2.0, -2.0]])
    W1 = np.array([[0.0, -2.0, 2.0], [-1.0, 1.0, -2.0]])
    b1, w2 = (np.array([-2.5, -1.5, -1.5]), np.array([2.0, 2.0, 2.0]))
    answers = two_layer(X, W1, b1, w2, -1.5)
    expect(answers, [1, 0, 1, 1], 'two_layer', 'heaviside(X W1 + b1), then the same with w2 and b2')

@test_case(points=None, hidden=False)
def test_xor_network(xor_network, expect_items, expect_answers, np):
    network = xor_network()
    expect_items(network, ['W1', 'b1', 'w2', 'b2'], 'xor_network')
    W1, b1, w2, b2 = network
    assert np.shape(W1) == (2, *np.shape(b1)) and np.shape(w2) == np.shape(b1), 'W1 should have shape (2, H), b1 and w2 the shape (H,)'
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    sums = 1.0 * (X @ W1 + b1 >= 0) @ w2 + b2
    remedy = 'look at the answers of the hidden neurons one by one'
    expect_answers(sums >= 0, [0, 1, 1, 0], X, 'the network', remedy)
