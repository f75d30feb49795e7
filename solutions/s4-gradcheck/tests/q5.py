from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_kinks(kinks, expect, np):
    x = np.array([[0.0, 1.0, -2.0], [1e-07, -0.001, 0.0]])
    expect(kinks(lambda x: np.sum(np.abs(x)), x), [[True, False, False], [True, False, True]], 'the kinks of Σ |x|', 'compare the slope to the right with the slope to the left, over the step of rule 4')
    expect(kinks(lambda x: np.sum(10 * x ** 2 - x), x), np.zeros((2, 3), dtype=bool), 'the kinks of the smooth function Σ (10 x² - x)', 'slopes that differ by 1e-3 · max(1, |right|, |left|) or less are no kink')

@test_case(points=None, hidden=False)
def test_kink_of_two_entries(kinks, expect, np):
    x = np.array([2, 2, 1])
    expect(kinks(lambda x: np.max(x) + x[2] ** 2, x), [True, True, False], 'the kinks of max(x) + x₂² at the integers 2, 2, 1', 'the maximum changes hands when either of the two large entries moves')

@test_case(points=None, hidden=False)
def test_broken_is_no_kink(kinks, expect, np):
    expect(kinks(lambda x: x[0] ** 2 + np.where(x[1] > 1, np.nan, abs(x[1])), np.array([1.0, 1.0])), [False, False], 'the kinks of a function that is NaN right of x₁', 'a slope that is NaN makes no kink')
