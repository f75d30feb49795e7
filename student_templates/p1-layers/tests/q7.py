from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_chain(Sequential, Linear, ReLU, expect, np):
    first, last = (Linear(2, 3), Linear(3, 1))
    first.W = np.array([[1.0, -1.0, 0.0], [0.0, 2.0, 1.0]])
    last.W = np.array([[1.0], [2.0], [3.0]])
    network = Sequential([first, ReLU(), last])
    y = network.forward(np.array([[1.0, 1.0], [2.0, -1.0]]))
    expect(y, [[6.0], [2.0]], 'the output', 'feed each layer with what the one before it gave')
    grad_x = network.backward(np.array([[1.0], [-1.0]]))
    expect(grad_x, [[-1.0, 7.0], [-1.0, 0.0]], 'the gradient by the input', 'go through the layers from last to first')

@test_case(points=None, hidden=False)
def test_parameters(Sequential, Linear, Tanh, np):
    first, last = (Linear(2, 3), Linear(3, 1))
    network = Sequential([first, Tanh(), last])
    network.forward(np.ones((4, 2)))
    network.backward(np.ones((4, 1)))
    pairs = network.parameters()
    assert len(pairs) == 4, f'{len(pairs)} pairs, expected 4: W and b of each of the two layers'
    names = ['W of the first layer', 'b of the first', 'W of the last layer', 'b of the last']
    wanted = [first.W, first.b, last.W, last.b]
    for (parameter, gradient), own, name in zip(pairs, wanted, names, strict=True):
        assert parameter.shape == own.shape, 'expected ' + name + ': the order is W, b, W, b'
        assert np.shares_memory(parameter, own), name + " is a copy, not the layer's own array"
        assert gradient.shape == own.shape, 'the gradient of ' + name + ' has the wrong shape'
