from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_relu(ReLU, expect, np):
    layer = ReLU()
    x = np.array([[-2.0, 0.0, 3.0], [0.5, -0.5, 1.0]])
    expect(layer.forward(x), [[0.0, 0.0, 3.0], [0.5, 0.0, 1.0]], 'ReLU', 'max(0, x)')
    assert x[0, 0] == -2.0, 'forward has changed its input: compute a new array'
    grad_x = layer.backward(np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]]))
    expect(grad_x, [[0.0, 0.0, -3.0], [4.0, 0.0, 6.0]], 'the gradient by x of ReLU', 'grad_output where x > 0, and 0 elsewhere, also where x = 0')
