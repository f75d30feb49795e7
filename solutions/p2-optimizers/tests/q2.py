from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_without_noise(noisy_descent, expect, np):
    path = noisy_descent(lambda x: 2.0 * x * [1, -1], np.array([1.0, 0.0]), 0.25, 3, 0.0, 1)
    straight = [[1.0, 0.0], [0.5, 0.0], [0.25, 0.0], [0.125, 0.0]]
    expect(path, straight, 'the path with sigma = 0', 'without noise it is plain gradient descent')

@test_case(points=None, hidden=False)
def test_size_of_the_noise(noisy_descent, np):
    path = noisy_descent(lambda x: 0.0 * x, np.zeros(500), 0.1, 100, 0.3, 2)
    assert np.shape(path) == (101, 500), f'the path has shape {np.shape(path)}, expected (101, 500)'
    size = np.diff(path, axis=0).std()
    assert 0.0285 < size < 0.0315, f'where the gradient is 0, a step has the standard deviation {size:.4f}, expected 0.03 = lr · sigma: the noise stands inside the step, θ - lr · (gradient + noise)'
    assert np.abs(np.mean(path[-1])) < 0.1, 'the noise has a mean other than 0'
    assert np.ptp(path[1]) > 0, 'all coordinates get the same noise: draw one number for each'
    assert not np.allclose(path[2] - path[1], path[1]), 'all steps get the same noise'

@test_case(points=None, hidden=False)
def test_seed_of_the_noise(noisy_descent, np):
    first, again, other = (noisy_descent(lambda x: x, np.ones(3), 0.1, 2, 1.0, seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again), 'equal seeds must give equal paths'
    assert not np.array_equal(first, other), 'other seeds must give other paths: use rng'
