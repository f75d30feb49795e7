from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_forward_of_two_layers(two_layer_forward, expect, np):
    W1 = np.log(np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 1.0]]))
    W2 = np.zeros((4, 2))
    W2[:, 1] = [0.0, 2.0, 2.0, -4.0]
    u, a = two_layer_forward(np.array([1.0]), W1, W2)
    expect(u, [3 / 4, 2 / 3, 3 / 4], 'u', 'row 0 of W1 is the bias: σ of [1, x] · W1')
    expect(a, [1 / 2, 0.4584295167832], 'a', 'row 0 of W2 is the bias: σ of [1, u] · W2')

@test_case(points=None, hidden=False)
def test_mean_risk(mean_risk, expect, np):
    X, Y = (np.zeros((4, 3)), np.array([[1.0, 0.5], [0.0, 0.5], [1.0, 1.0], [0.5, 0.5]]))
    risk = mean_risk(X, Y, np.zeros((4, 5)), np.zeros((6, 2)))
    expect(risk, 0.125, 'the risk', 'half a sum of squares per object, then the mean over objects')

@test_case(points=None, hidden=False)
def test_one_step(backpropagation_step, expect, np):
    W1, W2 = (np.zeros((3, 2)), np.array([[0.0], [1.0], [-1.0]]))
    x, y = (np.array([2.0, -1.0]), np.array([1.0]))
    new_W1, new_W2, Q = backpropagation_step(x, y, W1, W2, 1.0, 8.0, 0.5)
    expect(new_W2, [[1.0], [1.5], [-0.5]], 'new W2', 'W2 - α · ε · a (1 - a) · [1, u]: a step against the gradient')
    expect(new_W1, [[0.25, -0.25], [0.5, -0.5], [-0.25, 0.25]], 'new W1', 'the hidden error uses a (1 - a) and the old W2 without its bias row')
    expect(Q, 0.5625, 'Q', '(1 - η) · Q + η · ½ Σ (a - y)², with a from before the step')
