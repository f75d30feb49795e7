from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_identity_and_mean(identity_kernel, mean_kernel, expect):
    identity = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    expect(identity_kernel(3), identity, 'identity_kernel(3)', 'take the pixel itself: the centre')
    ninth = 1 / 9
    expect(mean_kernel(3), [[ninth] * 3] * 3, 'mean_kernel(3)', '9 neighbours alike, sum 1')

@test_case(points=None, hidden=False)
def test_shift_kernel(shift_kernel, expect):
    left = [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    expect(shift_kernel(3, 0, -1), left, 'shift_kernel(3, 0, -1)', 'to move the picture left, each pixel takes its right neighbour')
    down = [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    expect(shift_kernel(3, 1, 0), down, 'shift_kernel(3, 1, 0)', 'to move the picture down, each pixel takes the one above it')

@test_case(points=None, hidden=False)
def test_edge_and_sharpen(edge_kernel, sharpen_kernel, expect):
    expect(edge_kernel(), [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], 'edge_kernel()', 'sum 0')
    sharpen = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    expect(sharpen_kernel(), sharpen, 'sharpen_kernel()', 'identity + edge, sum 1')
    expect(sharpen_kernel(0.5), [[0, -0.5, 0], [-0.5, 3, -0.5], [0, -0.5, 0]], 'sharpen_kernel(0.5)', 'identity + amount · edge, sum 1')

@test_case(points=None, hidden=False)
def test_gaussian(gaussian_kernel, expect, np):
    kernel = gaussian_kernel(5, 1.0)
    assert kernel is not None, 'gaussian_kernel(5, 1.0) is None. Is the `return` missing?'
    total = float(np.sum(kernel))
    assert abs(total - 1) < 1e-09, f'gaussian_kernel(5, 1.0) sums to {total:.4f}: divide by that sum'
    sigma = 1 / np.sqrt(2 * np.log(2))
    expect(gaussian_kernel(3, sigma), np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16, 'gaussian_kernel(3, 0.849)', 'exp(-(u² + v²) / (2 σ²)) with u and v from -1 to 1, divided by the sum')
