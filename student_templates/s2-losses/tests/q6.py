from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_logistic_loss(logistic_loss, logistic_loss_gradient, expect, np):
    scores = np.log(np.array([3.0, 3.0, 1.0, 1 / 7]))
    y = np.array([1, -1, 1, -1])
    value = logistic_loss(scores, y)
    expect(value, np.log(256 / 21) / 4, 'the loss', 'the mean over the objects of ln(1 + exp(-M))')
    gradient = logistic_loss_gradient(scores, y)
    expect(gradient, [-1 / 16, 3 / 16, -1 / 8, 1 / 32], 'its gradient', '-y · σ(-M) / N')

@test_case(points=None, hidden=False)
def test_large_margins(logistic_loss, logistic_loss_gradient, expect, np):
    scores, y = (np.array([1000.0, 1000.0]), np.array([1, -1]))
    expect(logistic_loss(scores, y), 500.0, 'the loss at margins of ±1000', 'see **Numbers**')
    expect(logistic_loss_gradient(scores, y), [0.0, 0.5], 'its gradient there', 'see **Numbers**')

@test_case(points=None, hidden=False)
def test_neuron(neuron_gradient, expect, np):
    x, y = (np.array([[1.0, 2.0], [-1.0, 4.0]]), np.array([1, 1]))
    grad_w0, grad_w = neuron_gradient(0.0, np.array([np.log(3.0), 0.0]), x, y)
    expect(grad_w0, -0.5, 'the gradient by w0', 'the sum of the gradients by the scores')
    expect(grad_w, [0.25, -1.75], 'that by w', "the sum of x · the gradient by the object's score")
