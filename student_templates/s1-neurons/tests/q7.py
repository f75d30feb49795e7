from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_linear_neuron_and_risk(linear_neuron, risk, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    w, b = (np.array([2.0, -1.0]), 0.5)
    expect(linear_neuron(X, w, b), [0.5, -0.5, 7.5, 2.5], 'a', 'X w + b, without an activation')
    y = np.array([0.5, 1.5, 5.5, 6.5])
    expect(risk(X, y, w, b), 3.0, 'the risk', 'half the squared errors, then the mean')

@test_case(points=None, hidden=False)
def test_gradient(delta_gradient, expect_items, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    y = np.array([0.5, 1.5, 5.5, 6.5])
    answer = delta_gradient(X, y, np.array([2.0, -1.0]), 0.5)
    expect_items(answer, ['grad_w', 'grad_b'], 'delta_gradient')
    expect(answer[0], [-0.5, -3.0], 'grad_w', 'the mean over the objects of (a - y) · x')
    expect(answer[1], -1.0, 'grad_b', 'the mean over the objects of a - y')

@test_case(points=None, hidden=False)
def test_delta_step(delta_step, expect_items, expect, np):
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [2.0, 2.0]])
    y, w = (np.array([0.5, 1.5, 5.5, 6.5]), np.array([2.0, -1.0]))
    answer = delta_step(X, y, w, 0.5, 0.5)
    expect_items(answer, ['w', 'b'], 'delta_step')
    expect(answer[0], [2.25, 0.5], 'new w', 'w - lr · grad_w: against the gradient')
    expect(answer[1], 1.0, 'new b', 'b - lr · grad_b, with the gradient at the old w and b')
    assert w.tolist() == [2.0, -1.0], 'delta_step has changed the w that it was given'
