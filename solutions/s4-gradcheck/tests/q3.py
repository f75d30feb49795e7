from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_step_sizes(step_sizes, expect, np):
    h = np.finfo(float).eps ** (1 / 3)
    remedy = 'ε^(1/3) · max(1, |x|), entry by entry, in float64'
    for dtype in (float, np.float32, int):
        x = np.array([[0, 1, -4], [-1, 64, 1024]], dtype=dtype)
        right = h * np.array([[1.0, 1.0, 4.0], [1.0, 64.0, 1024.0]])
        expect(step_sizes(x), right, f'step_sizes of {x.dtype} numbers', remedy, atol=0)

@test_case(points=None, hidden=False)
def test_numerical_gradient(numerical_gradient, expect, np):
    x = np.array([[0.3, -1.2], [2.5, 0.0]], dtype=np.float32)
    expect(numerical_gradient(lambda x: np.sum(np.sin(x) * x), x), np.cos(x.astype(float)) * x + np.sin(x.astype(float)), 'the numerical gradient of Σ x sin x at float32 numbers', 'the function has to get float64 arrays, or the step drowns in rounding', atol=1e-08)
    x = np.array([300000000.0, -500000000000.0])
    expect(numerical_gradient(lambda x: np.sum(x ** 2) * 1e-12, x), 2e-12 * x, 'the numerical gradient at large x', 'the step has to grow with |x|: step_sizes(x)', atol=0)

@test_case(points=None, hidden=False)
def test_saturated_sigmoids(numerical_gradient, expect, np):

    def function(x):
        a, b, c = x
        inner = 1 / (1 + np.exp(-a - b)) + 1 / (1 + np.exp(-b * c))
        return 1 / (1 + np.exp(-inner))
    x = np.array([9.0, 1.0, 100.0])
    assert abs(function(x) - 0.88079231141) < 1e-11
    expect(numerical_gradient(function, x), [4.766433410852e-06, 4.76643341086e-06, 0.0], 'the gradient of σ(σ(a + b) + σ(bc)) at (9, 1, 100)', '(f(x + h) - f(x - h)) / 2h with h of rule 4, for each entry', rtol=0.0001, atol=1e-15)
