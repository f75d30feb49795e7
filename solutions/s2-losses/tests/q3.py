from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_softmax(softmax, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    p = [[0.125, 0.375, 0.5], [0.2, 0.2, 0.6]]
    expect(softmax(z), p, 'softmax', 'each row is divided by its own sum: axis=1, keepdims=True')
    z[0] += 1000.0
    z[1] -= 1000.0
    expect(softmax(z), p, 'softmax of logits near ±1000', "subtract each row's own maximum first")

@test_case(points=None, hidden=False)
def test_log_softmax(log_softmax, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    log_p = np.log([[0.125, 0.375, 0.5], [0.2, 0.2, 0.6]])
    expect(log_softmax(z), log_p, 'log-softmax', "z - ln of the row's Σ exp(z)")
    far = log_softmax(np.array([[1000.0, 0.0]]))
    expect(far, [[0.0, -1000.0]], 'log-softmax of (1000, 0)', 'do not take the logarithm of p')

@test_case(points=None, hidden=False)
def test_gradients_of_softmax(softmax_gradient, log_softmax_gradient, expect, np):
    z = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    g = np.array([[8.0, 0.0, 0.0], [0.0, 5.0, 10.0]])
    right = [[0.875, -0.375, -0.5], [-1.4, -0.4, 1.8]]
    expect(softmax_gradient(z, g), right, 'the gradient of softmax', "p · (g - the row's Σ g p)")
    right = [[7.0, -3.0, -4.0], [-3.0, 2.0, 1.0]]
    expect(log_softmax_gradient(z, g), right, 'that of log-softmax', "g - p · the row's Σ g")
