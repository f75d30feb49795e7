from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_dropout_in_training(Dropout, expect, np):
    layer = Dropout(0.75, 0)
    x = np.full((200, 300), 3.0)
    y = layer.forward(x)
    assert isinstance(y, np.ndarray) and y.shape == x.shape, 'y has to have the shape of x'
    dropped = np.mean(y == 0)
    assert 0.73 < dropped < 0.77, f'{dropped:.2f} of the values are 0, expected p = 0.75'
    expect(y, np.where(y == 0, 0.0, 12.0), 'y', 'what is kept is divided by 1 - p')
    assert np.ptp(np.mean(y == 0, axis=0)) < 0.5, 'one die for a whole column: roll one per value'
    assert np.ptp(np.mean(y == 0, axis=1)) < 0.5, 'one die for a whole row: roll one per value'
    grad_x = layer.backward(np.full((200, 300), 0.5))
    expect(grad_x, np.where(y == 0, 0.0, 2.0), 'the gradient by x', 'the same mask, the same factor')
    assert not np.array_equal(layer.forward(x), y), 'the second forward needs new dice'

@test_case(points=None, hidden=False)
def test_dropout_in_evaluation(Dropout, expect, np):
    layer = Dropout(0.5, 0)
    x = np.arange(12.0).reshape(3, 4)
    layer.training = False
    expect(layer.forward(x), x, 'y in evaluation', 'the layer hands x on as it is')
    expect(layer.backward(2 * x), 2 * x, 'the gradient by x in evaluation', 'grad_output as it is')

@test_case(points=None, hidden=False)
def test_dropout_seeds(Dropout, expect, np):
    x = np.ones((4, 50))
    first, second = (Dropout(0.5, 7), Dropout(0.5, 7))
    expect(first.forward(x), second.forward(x), 'y of a layer with the same seed')
    shared = np.random.default_rng(7)
    first, second = (Dropout(0.5, shared), Dropout(0.5, shared))
    assert not np.array_equal(first.forward(x), second.forward(x)), 'two layers that share one Generator roll the same dice: use the generator itself'
    expect(Dropout(1.0, 7).forward(x), 0 * x, 'y for p = 1', 'everything is dropped: no NaN')
