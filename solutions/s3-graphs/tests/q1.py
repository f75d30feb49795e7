from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_sums(Node, expect_shares, np):
    a, b, g = (Node([1.0, 2.0]), Node([3.0, -4.0]), np.array([5.0, 0.5]))
    expect_shares(a + b, [4.0, -2.0], g, [a, b], [g, g], 'a + b')
    expect_shares(a - b, [-2.0, 6.0], g, [a, b], [g, -g], 'a - b')
    expect_shares(-a, [-1.0, -2.0], g, [a], [-g], '-a')

@test_case(points=None, hidden=False)
def test_products(Node, expect_shares, np):
    a, b, g = (Node([1.0, 2.0]), Node([4.0, -2.0]), np.array([8.0, 0.5]))
    expect_shares(a * b, [4.0, -4.0], g, [a, b], [[32.0, -1.0], [8.0, 1.0]], 'a * b')
    expect_shares(a / b, [0.25, -1.0], g, [a, b], [[2.0, -0.25], [-0.5, -0.25]], 'a / b')

@test_case(points=None, hidden=False)
def test_powers(Node, expect_shares, np):
    a, g = (Node([2.0, -1.0]), np.array([3.0, 0.5]))
    expect_shares(a ** 3, [8.0, -1.0], g, [a], [[36.0, 1.5]], 'a ** 3')
    expect_shares(a ** (-1), [0.5, -1.0], g, [a], [[-0.75, -0.5]], 'a ** -1')

@test_case(points=None, hidden=False)
def test_numbers_and_arrays_on_the_left(Node, expect, np):
    a = Node([1.0, 2.0])
    expect((10 - a).data, [9.0, 8.0], '10 - a')
    expect((10 / a).data, [10.0, 5.0], '10 / a')
    expect((np.array([3.0, 4.0]) - a).data, [2.0, 2.0], 'array - a')
    expect((Node([1, 2]) / Node([2, 4])).data, [0.5, 0.5], 'a quotient of integers')
