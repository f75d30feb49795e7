from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_adagrad(AdaGrad, expect_steps, np):
    w = np.array([1.0, 1.0])
    optimizer = AdaGrad([w], 1.0)
    expect_steps(optimizer, w, [[3.0, -0.5], [4.0, 0.0]], [[0.0, 2.0], [-0.8, 2.0]], 'c ← c + g², w ← w - lr · g / (√c + eps)')

@test_case(points=None, hidden=False)
def test_rmsprop(RMSProp, expect_steps, np):
    w = np.array([1.0, 1.0])
    optimizer = RMSProp([w], 1.0, 0.75)
    expect_steps(optimizer, w, [[2.0, -0.5], [2.0, 0.0]], [[-1.0, 3.0], [-2.511857892, 3.0]], 'c ← gamma · c + (1 - gamma) · g², w ← w - lr · g / (√c + eps)')

@test_case(points=None, hidden=False)
def test_no_gradient_and_a_tiny_one(AdaGrad, RMSProp, expect, np):
    for kind, tiny in [(AdaGrad, 1e-09 / (1e-09 + 1e-10)), (RMSProp, 2.4025307335)]:
        w = np.zeros(2)
        kind([w], 1.0).step([np.array([0.0, 1e-09])])
        remedy = 'g / (√c + eps), with eps = 1e-10 outside the root'
        expect(-w, [0.0, tiny], f'{kind.__name__}: the step for the gradients 0 and 1e-9', remedy)
