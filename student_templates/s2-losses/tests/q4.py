from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_mse(mse, mse_gradient, expect, np):
    prediction = np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, 4.0]])
    target = np.array([[1.0, 0.0], [2.0, 3.0], [-1.0, 0.0]])
    expect(mse(prediction, target), 5.0, 'the MSE', 'the mean over all N·K elements')
    right = np.array([[0.0, 2.0], [1.0, -3.0], [0.0, 4.0]]) / 3
    expect(mse_gradient(prediction, target), right, 'its gradient', '2 · difference / (N·K)')

@test_case(points=None, hidden=False)
def test_half_sse(half_sse, half_sse_gradient, expect, np):
    prediction, target = (np.array([[1, 2], [3, 0], [-1, 4]]), np.array([[1, 0], [2, 3], [-1, 0]]))
    expect(half_sse(prediction, target), 15.0, 'half the SSE', '0.5 · the sum over all elements')
    right = [[0.0, 2.0], [1.0, -3.0], [0.0, 4.0]]
    remedy = 'the derivative of ½ d² is d; integers make a float64 gradient, too'
    expect(half_sse_gradient(prediction, target), right, 'its gradient', remedy)
