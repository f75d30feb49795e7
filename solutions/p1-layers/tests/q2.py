from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_sigmoid(Sigmoid, expect, np):
    layer = Sigmoid()
    y = layer.forward(np.array([[0.0, np.log(3.0)], [-np.log(3.0), -1000.0]]))
    expect(y, [[0.5, 0.75], [0.25, 0.0]], 'sigmoid', '1 / (1 + exp(-x)), also at x = -1000')
    grad_x = layer.backward(np.array([[4.0, -1.0], [2.0, 1.0]]))
    expect(grad_x, [[1.0, -0.1875], [0.375, 0.0]], 'the gradient by x of the sigmoid', 'grad_output · y · (1 - y), where y is the output')

@test_case(points=None, hidden=False)
def test_tanh(Tanh, expect, np):
    layer = Tanh()
    y = layer.forward(np.array([[0.0, np.log(2.0), -np.log(3.0), 1000.0]]))
    expect(y, [[0.0, 0.6, -0.8, 1.0]], 'tanh', '(exp(x) - exp(-x)) / (exp(x) + exp(-x)), at any x')
    grad_x = layer.backward(np.array([[3.0, 1.0, -2.0, 5.0]]))
    expect(grad_x, [[3.0, 0.64, -0.72, 0.0]], 'the gradient by x of tanh', 'grad_output · (1 - y²), where y is the output')
