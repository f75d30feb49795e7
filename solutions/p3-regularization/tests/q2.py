from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_soft_threshold(soft_threshold, expect, np):
    v = np.array([-3.0, -0.5, 0.0, 0.5, 0.75, 2.0])
    remedy = 'everything moves by t towards 0, and what would cross 0 stays at 0'
    expect(soft_threshold(v, 0.5), [-2.5, 0.0, 0.0, 0.0, 0.25, 1.5], 'soft_threshold', remedy)

@test_case(points=None, hidden=False)
def test_proximal_step(proximal_step, expect, np):
    w, gradient = (np.array([1.0, -1.0, 0.25]), np.array([2.0, -1.0, 1.0]))
    answer = proximal_step(w, gradient, 0.25, 2.0)
    remedy = 'soft_threshold(w - lr · gradient, lr · strength)'
    expect(answer, [0.0, -0.25, 0.0], 'the new w', remedy)
