from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_norms(gradient_norms, expect, np):
    x = np.array([[1.0, 2.0]])
    weights = [np.array([[2.0, 0.0], [0.0, -1.0]]), np.array([[3.0], [1.0]])]
    norms = gradient_norms(x, weights, 'relu')
    expect(norms, [6.0, np.sqrt(10.0), 1.0], 'the norms', 'the first is that of x, the last that of h_L')
    norms = gradient_norms(np.zeros((4, 3)), [np.zeros((3, 4)), np.eye(4)], 'sigmoid')
    expect(norms[2], 4.0, 'the norm by h_2', '16 entries, each with the gradient 1')
    slope = np.exp(-0.5) / (1.0 + np.exp(-0.5)) ** 2
    expect(norms[1], 4.0 * slope, 'the norm by h_1', 'each entry passes one σ, whose input is 1/2')
    expect(norms[0], 0.0, 'the norm by x', 'the first weights are all zero')
