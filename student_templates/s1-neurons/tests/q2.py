from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_sum(neuron, expect, np):
    X = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])
    w = np.array([2.0, 0.5, -1.0])
    sums = neuron(X, w, 10.0, lambda s: 1.0 * s)
    expect(sums, [10.0, 5.5], 'the sum of a neuron', 'w · x + b, and the bias is added')

@test_case(points=None, hidden=False)
def test_threshold(neuron, expect, np):
    X = np.array([[1.0, 1.0], [2.0, 1.0], [0.0, 3.0], [3.0, 0.0]])
    answers = neuron(X, np.array([1.0, -1.0]), -0.5)
    expect(answers, [0, 1, 0, 1], 'the answer', 'without another wish the activation is heaviside')
