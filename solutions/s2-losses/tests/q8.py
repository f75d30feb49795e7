from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_gaussian_nll(gaussian_nll, expect, np):
    prediction, target = (np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 2.0]))
    value = gaussian_nll(prediction, target, np.log(4.0))
    right = 1.5 * np.log(8.0 * np.pi) + 0.625
    expect(value, right, '-ln L', 'n/2 · (ln 2π + v) + S/2 · exp(-v), a sum over all answers')
    wide = gaussian_nll(prediction, target, 800.0)
    expect(wide, 1.5 * (np.log(2.0 * np.pi) + 800.0), '-ln L at v = 800', 'exp(800) is infinite')

@test_case(points=None, hidden=False)
def test_its_gradients(gaussian_nll_gradient, expect, np):
    prediction, target = (np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 2.0]))
    by_prediction, by_v = gaussian_nll_gradient(prediction, target, np.log(4.0))
    expect(by_prediction, [0.0, 0.5, 0.25], 'the gradient by the prediction', '(a - y) · exp(-v)')
    expect(by_v, 0.875, 'the derivative by the log-variance', 'n/2 - S/2 · exp(-v)')
