from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_train_step(CharModel, CharacterCrossEntropy, train_step, expect, np):
    windows = np.random.default_rng(8).integers(0, 4, (3, 6))
    inputs, targets = (windows[:, :-1], windows[:, 1:])
    model, twin = (CharModel(4, 5, 9), CharModel(4, 5, 9))
    criterion = CharacterCrossEntropy()
    before = criterion.forward(twin.forward(inputs), targets)
    twin.backward(criterion.backward())
    W_h, W_y = (twin.rnn.W_h.copy(), twin.W_y.copy())
    loss = train_step(model, inputs, targets, 0.5, 100.0)
    expect(loss, before, 'the returned loss', 'the loss before the step')
    expect(model.W_y, W_y - 0.5 * twin.grad_W_y, 'W_y', 'p - lr · gradient, when nothing is clipped')
    expect(model.rnn.W_h, W_h - 0.5 * twin.rnn.grad_W_h, 'rnn.W_h', 'p - lr · gradient')
    before = [model.rnn.W_x, model.rnn.W_h, model.rnn.b, model.W_y, model.b_y]
    before = [array.copy() for array in before]
    train_step(model, inputs, targets, 2.0, 0.01)
    after = [model.rnn.W_x, model.rnn.W_h, model.rnn.b, model.W_y, model.b_y]
    moved = np.sqrt(sum((np.sum((a - b) ** 2) for a, b in zip(after, before, strict=True))))
    expect(moved, 0.02, 'the length of a clipped step', 'lr · max_norm, over all five parameters')

@test_case(points=None, hidden=False)
def test_training(train, perplexity, ids, vocabulary, held_out):
    model = train(ids, vocabulary, 1)
    assert model is not None, 'train returns None. Is the `return` missing?'
    value = perplexity(model.probabilities(held_out[:, :-1]), held_out[:, 1:])
    assert value <= 1.5, f'the perplexity on the held-out numbers is {value:.3f}, required is 1.5'
