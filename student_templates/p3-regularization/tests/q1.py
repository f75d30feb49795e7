from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_l2(l2_penalty, expect, np):
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    answer = l2_penalty(w, 0.5)
    assert isinstance(answer, tuple) and len(answer) == 2, 'return the tuple (value, gradient)'
    expect(answer[0], 7.0, 'the L2 penalty', '0.5 · (1 + 4 + 0 + 9): squares, and no root')
    expect(answer[1], [[1.0, -2.0], [0.0, 3.0]], 'its gradient', '2 · strength · w')

@test_case(points=None, hidden=False)
def test_l1(l1_penalty, expect, np):
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    answer = l1_penalty(w, 0.5)
    assert isinstance(answer, tuple) and len(answer) == 2, 'return the tuple (value, gradient)'
    expect(answer[0], 3.0, 'the L1 penalty', '0.5 · (1 + 2 + 0 + 3)')
    expect(answer[1], [[0.5, -0.5], [0.0, 0.5]], 'its gradient', 'strength · sign(w), 0 at w = 0')

@test_case(points=None, hidden=False)
def test_priors(penalty_of_prior):
    for prior, scale, right in [('normal', 0.5, 2.0), ('laplace', 0.25, 4.0)]:
        answer = penalty_of_prior(prior, scale)
        assert isinstance(answer, tuple) and len(answer) == 2, 'return the tuple (name, strength)'
        assert answer[0] in ('L1', 'L2'), f"the name is {answer[0]!r}, expected 'L1' or 'L2'"
        assert abs(answer[1] - right) < 1e-09, f'the strength for a {prior} prior of scale {scale} is {answer[1]}, expected {right}: the factor in front of the sum in -ln p(w)'
