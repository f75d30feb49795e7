from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_mean_squared_error(MSE, expect, np):
    loss = MSE()
    prediction = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    target = np.array([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]])
    expect(loss.forward(prediction, target), 5.0, 'the loss', 'the mean over all N·K elements')
    grad = np.array([[0.0, 2.0, 1.0], [-3.0, 0.0, 4.0]]) / 3
    expect(loss.backward(), grad, 'the gradient by the prediction', '2 · difference / (N·K)')
