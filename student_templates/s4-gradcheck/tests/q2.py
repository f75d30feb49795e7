from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_best_steps(best_steps, expect, np):
    answer = best_steps(0.0001, 4.0, 0.3)
    assert isinstance(answer, tuple) and len(answer) == 2, 'expected a tuple of two floats'
    for h, right, name, error in [(answer[0], 0.01, 'forward', lambda h: h / 2 * 4.0 + 0.0002 / h), (answer[1], 0.1, 'central', lambda h: h ** 2 / 6 * 0.3 + 0.0001 / h)]:
        h = float(h)
        assert h > 0, f'the best step for the {name} difference is {h}, expected a positive number'
        assert error(h) <= error(right) * (1 + 1e-09), f'E_{name}({h:.4g}) = {error(h):.4g}, but E_{name}({right}) = {error(right):.4g} is smaller: set the derivative of E by h to zero'

@test_case(points=None, hidden=False)
def test_error_curves(error_curves, expect, np):
    x = np.array([1.0, -3.0, 2.0])
    steps = [0.5, 0.1]
    forward, central = error_curves(lambda x: np.sum(x ** 3), 3 * x ** 2, x, steps)
    remedy = 'the largest absolute error over the entries of x, for each step'
    expect(forward, [4.25, 0.89], 'the errors of the forward difference of Σ x³', remedy)
    expect(central, [0.25, 0.01], 'the errors of the central difference of Σ x³', remedy)
