from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_path(gradient_descent, expect, np):
    path = gradient_descent(lambda x: np.array([1.0, 4.0]) * x, np.array([8.0, -1.0]), 0.5, 3)
    expect(path, [[8.0, -1.0], [4.0, 1.0], [2.0, -1.0], [1.0, 1.0]], 'the path', 'first the start, then x - lr · gradient(x) again and again, one row for each point')

@test_case(points=None, hidden=False)
def test_start(gradient_descent, expect, np):
    start = np.array([3, 1])
    path = gradient_descent(lambda x: 1.0 + 0.0 * x, start, 0.25, 1)
    expect(path, [[3.0, 1.0], [2.75, 0.75]], 'the path from a start of integers', 'compute floats')
    assert np.array_equal(start, [3, 1]), 'gradient_descent has changed `start`: work on a copy'
