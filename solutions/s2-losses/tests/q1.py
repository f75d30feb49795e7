from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_weights(softmin_weights, expect, np):
    c = np.array([0.2, 0.3, 0.5])
    weights = softmin_weights(np.array([4.0, 6.0, 8.0]), c, 20.0)
    remedy = 'c · exp(-marks / T), divided by its sum'
    expect(weights, [0.2270620235, 0.3081813227, 0.4647566538], 'the weights', remedy)
    cold = softmin_weights(np.array([10.0, 9.0, 9.5]), c, 0.01)
    expect(cold, [0.0, 1.0, 0.0], 'the weights at T = 0.01', 'subtract the smallest mark first')

@test_case(points=None, hidden=False)
def test_grades(accumulated_grade, expect, np):
    c = np.array([0.2, 0.3, 0.5])
    remedy = 'the sum of weight · mark, not rounded'
    for marks, grade in [([10, 10, 10], 10.0), ([10, 10, 0], 3.775406688), ([0, 10, 10], 7.0812486726), ([4, 6, 8], 6.4753892605)]:
        expect(accumulated_grade(np.array(marks), c, 20.0), grade, f'the grade of {marks}', remedy)

@test_case(points=None, hidden=False)
def test_gradient_of_the_grade(grade_gradient, expect, np):
    gradient = grade_gradient(np.array([4.0, 6.0, 8.0]), np.array([0.2, 0.3, 0.5]), 20.0)
    right = [0.2551653683, 0.3155066272, 0.4293280045]
    expect(gradient, right, 'the gradient', 'w · (1 - (marks - grade) / T)')

@test_case(points=None, hidden=False)
def test_rounding(round_half_up):
    for grade, right in [(6.475, 6), (6.5, 7), (2.5, 3), (0.0, 0), (0.7 * 7 + 0.3 * 2, 6)]:
        rounded = round_half_up(grade)
        assert rounded is not None, 'the result is None. Is the `return` missing?'
        assert rounded == right, f'{grade!r} is rounded to {rounded}, expected {right}'
