from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_initial_state(BatchNorm, expect, np):
    layer = BatchNorm(3)
    expect(layer.gamma, np.ones(3), 'gamma')
    expect(layer.beta, np.zeros(3), 'beta')
    expect(layer.running_mean, np.zeros(3), 'running_mean')
    expect(layer.running_var, np.ones(3), 'running_var')
    assert layer.training is True, 'training is True at first'

@test_case(points=None, hidden=False)
def test_forward_in_training(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=1.0)
    layer.gamma, layer.beta = (np.array([2.0, 1.0]), np.array([0.0, 10.0]))
    s = np.sqrt(3.0)
    x = np.array([[1.0, 5.0], [1.0 + 2 * s, 5.0]])
    y = [[-s, 10.0], [s, 10.0]]
    expect(layer.forward(x), y, 'y', '(x - mean) / sqrt(biased variance + eps), per column')
    expect(layer.running_mean, [0.1 * (1 + s), 0.5], 'running_mean', '(1 - momentum) · old + momentum · batch mean')
    expect(layer.running_var, [1.5, 0.9], 'running_var', '0.9 · 1 + 0.1 · the unbiased variance')

@test_case(points=None, hidden=False)
def test_forward_in_evaluation(BatchNorm, expect, np):
    layer = BatchNorm(2, eps=0.0)
    layer.running_mean, layer.running_var = (np.array([1.0, 2.0]), np.array([4.0, 9.0]))
    layer.training = False
    y = layer.forward(np.array([[3.0, 8.0]]))
    expect(y, [[1.0, 2.0]], 'y in evaluation', 'use the running statistics, for any batch')
    expect(layer.running_mean, [1.0, 2.0], 'running_mean after evaluation', 'nothing moves here')
    expect(layer.running_var, [4.0, 9.0], 'running_var after evaluation', 'nothing moves here')

@test_case(points=None, hidden=False)
def test_training_batch_of_one(BatchNorm, expect, np):
    layer = BatchNorm(2)
    expect(layer.forward(np.array([[3.0, -1.0]])), [[0.0, 0.0]], 'y', 'for one row y is beta')
    expect(layer.running_mean, [0.3, -0.1], 'running_mean')
    expect(layer.running_var, [1.0, 1.0], 'running_var', 'one row has no variance: it stays')
