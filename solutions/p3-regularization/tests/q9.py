from otter.test_files import test_case

OK_FORMAT = False

name = "q9"
points = None

@test_case(points=None, hidden=False)
def test_minibatches(minibatches, np):
    shared = np.random.default_rng(0)
    batches = minibatches(50, 20, shared)
    sizes = [len(batch) for batch in batches]
    assert sizes == [20, 20, 10], f'50 objects by 20 gave batches of {sizes}, expected 20, 20, 10'
    order = np.concatenate(batches)
    assert np.array_equal(np.sort(order), np.arange(50)), 'each object belongs to one batch'
    again = np.concatenate(minibatches(50, 20, shared))
    assert not np.array_equal(order, again), 'the next call must draw a new order'

@test_case(points=None, hidden=False)
def test_two_steps(train_epoch, Network, Linear, expect, np):
    layer = Linear(1, 2)
    layer.W, layer.b = (np.array([[0.5, -0.5]]), np.zeros(2))
    x, labels = (np.array([[0.0], [0.0], [2.0]]), np.array([0, 1, 1]))
    loss = train_epoch(Network([layer]), x, labels, [np.array([0, 1]), np.array([2])], 0.5, 0.25)
    p = 1 / (1 + np.exp(-1.5))
    mean = (2 * np.log(2.0) - np.log(1 - p)) / 3
    expect(loss, mean, 'the loss of the epoch', 'a mean over the objects, each before its step')
    W = np.array([[0.28125 - p, -0.28125 + p]])
    expect(layer.W, W, 'W', 'two steps, each by lr · (gradient + 2 · strength · W)')
    expect(layer.b, [-0.5 * p, 0.5 * p], 'b', 'no penalty on b')

@test_case(points=None, hidden=False)
def test_evaluate(evaluate, Network, Linear, Dropout, expect, np):
    layer, dropout = (Linear(1, 2), Dropout(0.9, 0))
    layer.W, layer.b = (np.array([[0.0, np.log(3.0)]]), np.zeros(2))
    network = Network([layer, dropout])
    answer = evaluate(network, np.ones((4, 1)), np.array([1, 1, 0, 1]))
    assert isinstance(answer, tuple) and len(answer) == 2, 'return the tuple (loss, accuracy)'
    right = -(3 * np.log(0.75) + np.log(0.25)) / 4
    expect(answer[0], right, 'the loss', 'in evaluation mode nothing is dropped')
    expect(answer[1], 0.75, 'the accuracy')
    assert dropout.training is True, 'afterwards the network is in the mode in which it was'

@test_case(points=None, hidden=False)
def test_fit(fit, Network, Linear, np):
    x, labels = (np.array([[1.0], [-1.0]]), np.array([0, 1]))
    layer = Linear(1, 2, 0)
    W = layer.W.copy()
    history = fit(Network([layer]), x, labels, x, 1 - labels, 50, 2, 0.1, 0.0, 3, 0)
    assert isinstance(history, dict), 'return the history'
    count = len(history['validation'])
    assert count == len(history['train']), 'one number per epoch in each list'
    assert count == 4, f'{count} epochs were run, expected 4: the best one and 3 of patience'
    p = 1 / (1 + np.exp(W[0, 1] - W[0, 0]))
    first = W[0, 0] + 0.1 * (1 - p)
    assert abs(layer.W[0, 0] - first) < 1e-09, 'W is not that of the best epoch, the first one'
