from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_initial_weights(Linear, expect, np):
    layer = Linear(400, 50, 1)
    expect(layer.b, np.zeros(50), 'b', 'one bias per output, zeros at first')
    assert layer.W.shape == (400, 50), f'W has shape {layer.W.shape}, expected (d_in, d_out)'
    spread = layer.W.std() * np.sqrt(400)
    assert 0.95 < spread < 1.05, f'the standard deviation of W is {spread:.3f} / sqrt(d_in), expected 1 / sqrt(d_in)'
    assert np.array_equal(layer.W, Linear(400, 50, 1).W), 'equal seeds must give equal weights'

@test_case(points=None, hidden=False)
def test_forward(Linear, expect, np):
    layer = Linear(3, 2)
    layer.W = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    layer.b = np.array([10.0, 20.0])
    x = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    y = np.array([[20.0, 21.5], [7.0, 18.5], [12.0, 24.0], [10.0, 20.0]])
    expect(layer.forward(x), y, 'y', 'x is (N, D) and W is (D, K), so y = x W + b')

@test_case(points=None, hidden=False)
def test_gradients_of_the_parameters(Linear, expect, np):
    layer = Linear(4, 3)
    x = np.array([[1.0, 0.0, 2.0, -1.0], [0.5, 3.0, 0.0, 1.0]])
    grad_output = np.array([[1.0, 0.0, -2.0], [2.0, 1.0, 0.0]])
    layer.forward(x)
    layer.backward(grad_output)
    grad_W = [[2.0, 0.5, -2.0], [6.0, 3.0, 0.0], [2.0, 0.0, -4.0], [1.0, 1.0, 2.0]]
    expect(layer.grad_W, grad_W, 'grad_W', 'x is (N, D) and W is (D, K), so grad_W = xᵀ · grad_output, summed over the batch')
    expect(layer.grad_b, [3.0, 1.0, -2.0], 'grad_b', 'forward added b to each of the N rows, so grad_b is the sum over the rows')

@test_case(points=None, hidden=False)
def test_gradient_of_the_input(Linear, expect, np):
    layer = Linear(3, 2)
    layer.W = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    layer.forward(np.ones((2, 3)))
    grad_x = layer.backward(np.array([[1.0, 1.0], [2.0, -1.0]]))
    expect(grad_x, [[3.0, -1.0, 3.5], [0.0, 1.0, 5.5]], 'the gradient by x', 'grad_output is (N, K) and W is (D, K), so it is grad_output · Wᵀ')
