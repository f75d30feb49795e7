from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_cube(forward_difference, central_difference, expect, np):

    def cube(x):
        return np.sum(x ** 3)
    x = np.array([[1.0, -2.0, 0.0], [0.5, 3.0, 10.0]])
    expect(forward_difference(cube, x, 0.1), 3 * x ** 2 + 0.3 * x + 0.01, 'the forward difference of Σ x³ with h = 0.1', 'one entry of x at a time, (f(x + h) - f(x)) / h = 3x² + 3xh + h²')
    expect(central_difference(cube, x, 0.1), 3 * x ** 2 + 0.01, 'the central difference of Σ x³ with h = 0.1', 'one entry of x at a time, (f(x + h) - f(x - h)) / 2h = 3x² + h²')

@test_case(points=None, hidden=False)
def test_worked_example(central_difference, expect, np):

    def function(x):
        a, b, c = x
        return (a + 2 * b) * (2 * b + c)
    gradient = central_difference(function, np.array([1, 2, 3]), 0.5)
    expect(gradient, [7.0, 24.0, 5.0], 'the gradient of (a + 2b)(2b + c) at the integers 1, 2, 3', 'make a float64 copy of x before you step; the other entries stay where they were')

@test_case(points=None, hidden=False)
def test_steps_and_shapes(forward_difference, central_difference, expect, np):
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).T
    before = x.copy()
    h = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    for difference, expected in [(forward_difference, 2 * x + h), (central_difference, 2 * x)]:
        name = difference.__name__
        actual = difference(lambda x: np.sum(x ** 2), x, h)
        expect(actual, expected, name + ' of Σ x² with a step for each entry', 'use h[index]')
        assert np.array_equal(x, before), name + " has changed the caller's x"
        number = difference(lambda x: 3.0 * x, np.array(2.0), 0.25)
        expect(number, 3.0, name + ' at an x of shape ()', 'np.ndindex(x.shape) knows all shapes')
