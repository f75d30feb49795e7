from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_gradients_of_gamma_and_beta(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.forward(np.array([[1.0, 0.0], [3.0, 8.0]]))
    layer.backward(np.array([[1.0, 2.0], [5.0, -1.0]]))
    expect(layer.grad_gamma, [4.0, -3.0], 'grad_gamma', 'the sum over the rows of G · normalised x')
    expect(layer.grad_beta, [6.0, 1.0], 'grad_beta', 'the sum over the rows of G')

@test_case(points=None, hidden=False)
def test_gradient_of_the_input(BatchNorm, expect, np):
    layer, start = (BatchNorm(3), np.random.default_rng(2))
    layer.gamma = np.array([1.0, -2.0, 0.5])
    x, grad_output = (start.normal(size=(5, 3)), start.normal(size=(5, 3)))
    layer.forward(x)
    grad_x = layer.backward(grad_output)
    numerical = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 0.0001
        up, down = (layer.forward(x + step), layer.forward(x - step))
        numerical[index] = np.sum(grad_output * (up - down)) / 0.0002
    assert isinstance(grad_x, np.ndarray), 'backward has to return an array'
    expect(np.round(grad_x, 5), np.round(numerical, 5), 'the gradient by x, compared with finite differences,', 'are both paths there, the one through the mean and the one through the variance?')

@test_case(points=None, hidden=False)
def test_gradient_in_evaluation(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.gamma, layer.running_var = (np.array([6.0, 1.0]), np.array([4.0, 0.25]))
    layer.training = False
    layer.forward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    grad_x = layer.backward(np.array([[1.0, 2.0], [-1.0, 0.5]]))
    expect(grad_x, [[3.0, 4.0], [-3.0, 1.0]], 'the gradient by x in evaluation', 'γ · G / std')
