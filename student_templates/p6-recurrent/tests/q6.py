from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_model_forward(CharModel, expect, np):
    model = CharModel(3, 2)
    model.rnn.W_x = np.log(np.array([[2.0, 1.0], [1.0, 3.0], [0.5, 1.0]]))
    model.rnn.W_h, model.rnn.b = (np.zeros((2, 2)), np.zeros(2))
    model.W_y, model.b_y = (np.array([[1.0, 0.0, -1.0], [0.0, 5.0, 0.0]]), np.array([0.0, 1.0, 0.0]))
    logits = model.forward(np.array([[0, 1, 2]]))
    right = [[[0.6, 1.0, -0.6], [0.0, 5.0, 0.0], [-0.6, 1.0, 0.6]]]
    expect(logits, right, 'the logits', 'one-hot, through the RNN, then h W_y + b_y at each place')
    p = model.probabilities(np.array([[0, 1, 2]]))
    expect(p, np.exp(right) / np.exp(right).sum(axis=2, keepdims=True), 'probabilities', 'softmax')

@test_case(points=None, hidden=False)
def test_model_gradients(CharModel, expect, slope, np):
    generator = np.random.default_rng(6)
    model, ids = (CharModel(4, 3, 7), generator.integers(0, 4, (2, 5)))
    grad = generator.standard_normal((2, 5, 4))
    model.forward(ids)
    model.backward(grad)
    for owner, name in [(model, 'W_y'), (model, 'b_y'), (model.rnn, 'W_x'), (model.rnn, 'W_h')]:
        found = getattr(owner, 'grad_' + name).copy()
        right = slope(lambda: np.sum(grad * model.forward(ids)), getattr(owner, name))
        expect(found, right, 'grad_' + name, 'sums over all sequences and times')
