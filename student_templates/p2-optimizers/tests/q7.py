from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_first_step_of_adam(Adam, expect_steps, np):
    w = np.array([1.0, 1.0, 1.0])
    expect_steps(Adam([w], 0.25), w, [[100.0, -2.0, 0.0]], [[0.75, 1.25, 1.0]], 'with the bias correction, the first step is lr · sign(g); t counts from 1')

@test_case(points=None, hidden=False)
def test_second_step_of_adam(Adam, expect_steps, np):
    w = np.array([3.0])
    expect_steps(Adam([w], 1.0, beta1=0.5, beta2=0.75), w, [[1.0], [-1.0]], [[2.0], [7 / 3]], 't = 2: m = -0.25, v = 0.4375; m / (1 - 0.5²) = -1/3, v / (1 - 0.75²) = 1')

@test_case(points=None, hidden=False)
def test_two_parameters(Adam, expect, np):
    one, two = (np.zeros(2), np.zeros(2))
    optimizer = Adam([one, two], 1.0)
    for _ in range(2):
        optimizer.step([np.array([1.0, 2.0]), np.array([-1.0, 3.0])])
    expect(one, [-2.0, -2.0], 'the first parameter', 'under a constant gradient all steps are lr')
    expect(two, [2.0, -2.0], 'the second parameter', 't counts the calls of step; m, v per parameter')

@test_case(points=None, hidden=False)
def test_weight_decay(Adam, expect_steps, np):
    w = np.array([8.0, -2.0])
    expect_steps(Adam([w], 0.5, weight_decay=0.25), w, [[0.0, 0.0], [5.0, -5.0]], [[7.0, -1.75], [5.7529315893, -1.1591815893]], 'w - lr · (m̂ / (√v̂ + eps) + weight_decay · w): no part of the gradient')
