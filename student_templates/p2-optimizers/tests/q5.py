from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_sgd(SGD, expect_steps, np):
    w = np.array([1.0, 2.0])
    optimizer = SGD([w], 0.5)
    expect_steps(optimizer, w, [[2.0, -4.0]], [[0.0, 4.0]], 'w - lr · g')
    optimizer.lr = 0.25
    expect_steps(optimizer, w, [[4.0, 4.0]], [[-1.0, 3.0]], 'lr was changed from 0.5 to 0.25')

@test_case(points=None, hidden=False)
def test_frozen_parameter(SGD, Momentum, expect, np):
    for kind in (SGD, Momentum):
        one, two = (np.array([1.0]), np.array([[1.0, 2.0]]))
        optimizer = kind([one, two], 1.0)
        optimizer.step([None, np.array([[0.5, 0.5]])])
        name = kind.__name__
        expect(one, [1.0], f'{name}: a parameter whose gradient is None', 'leave it alone')
        expect(two, [[0.5, 1.5]], f'{name}: the parameter after a frozen one', 'this one moves')

@test_case(points=None, hidden=False)
def test_momentum(Momentum, expect_steps, np):
    w = np.array([10.0, 10.0])
    gradients = [[1.0, 2.0], [1.0, -2.0], [0.0, 0.0]]
    after = [[9.0, 8.0], [7.5, 9.0], [6.75, 9.5]]
    expect_steps(Momentum([w], 1.0, 0.5), w, gradients, after, 'v ← rho · v + g, w ← w - lr · v')

@test_case(points=None, hidden=False)
def test_momentum_and_a_new_learning_rate(Momentum, expect_steps, np):
    w = np.array([10.0])
    optimizer = Momentum([w], 1.0, 0.5)
    expect_steps(optimizer, w, [[4.0]], [[6.0]], 'v ← rho · v + g, w ← w - lr · v')
    optimizer.lr = 0.25
    expect_steps(optimizer, w, [[2.0]], [[5.0]], 'lr changed: v = rho · v + g knows nothing of lr')

@test_case(points=None, hidden=False)
def test_nesterov(Momentum, expect_steps, np):
    w = np.array([10.0])
    optimizer = Momentum([w], 1.0, 0.5, nesterov=True)
    expect_steps(optimizer, w, [[4.0], [2.0]], [[4.0], [0.0]], 'w ← w - lr · (g + rho · v), with the new v')

@test_case(points=None, hidden=False)
def test_l2_penalty(Momentum, expect_steps, np):
    w = np.array([8.0])
    optimizer = Momentum([w], 0.5, 0.5, l2=0.25)
    expect_steps(optimizer, w, [[0.0], [0.0]], [[6.0], [3.5]], 'g ← g + 2 · l2 · w, before v is updated')
