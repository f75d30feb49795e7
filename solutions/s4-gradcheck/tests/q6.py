from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_right_and_wrong(check_gradient, np):

    def function(x):
        return np.sum(np.sin(x)) + x[0, 0] * x[1, 2]
    x = np.array([[0.2, -1.0, 3.0], [0.5, 1.5, -0.7]])
    right = np.cos(x)
    right[0, 0] += x[1, 2]
    right[1, 2] += x[0, 0]
    answer = check_gradient(function, right, x)
    assert isinstance(answer, tuple) and len(answer) == 4, f'the answer is {answer!r}, expected a tuple (passed, error, index, skipped)'
    assert answer[0], f'a right gradient does not pass: {answer}'
    assert answer[1] < 1e-06, f'the error of a right gradient is {answer[1]}: central differences?'
    assert answer[3] == 0, f'{answer[3]} entries of a smooth function were left out'
    number = check_gradient(lambda x: x ** 2, np.array(3.0), np.array(1.5))
    assert number[0] and tuple(number[2]) == (), f'3 is right for x² at x = 1.5; got {number}'
    for index in np.ndindex(x.shape):
        wrong = right.copy()
        wrong[index] *= 1.01
        passed, error, where, _ = check_gradient(function, wrong, x)
        assert not passed, f'a gradient with 1 % too much in entry {index} passes'
        assert abs(error - 0.01 / 1.01) < 0.0001, f'the error is {error}, expected 0.0099'
        assert tuple(where) == index, f'the worst entry is {index}, the answer says {where}'

@test_case(points=None, hidden=False)
def test_nothing_excuses_nan(check_gradient, np):

    def function(x):
        return np.sum(np.abs(x)) + np.sum(x ** 2)
    x = np.array([0.0, 1.0, -2.0])
    passed, error, index, skipped = check_gradient(function, np.array([0.3, 3.0, -5.0]), x)
    assert passed and skipped == 1, 'entry 0 is a kink: left out and counted, the others are right'
    for i in range(3):
        claimed = np.array([0.0, 3.0, -5.0])
        claimed[i] = np.nan
        passed, error, index, _ = check_gradient(function, claimed, x)
        assert not passed, f'a gradient with NaN in entry {i} passes'
        assert error == np.inf and tuple(index) == (i,), f'NaN in entry {i} is an infinite error there; the answer was {error} at {index}'
    with np.errstate(invalid='ignore'):
        answer = check_gradient(lambda x: np.sum(np.sqrt(x - 9)), np.array([1.0, 1.0, 1.0]), x)
    assert not answer[0], 'a function that is NaN everywhere lets a gradient pass'

@test_case(points=None, hidden=False)
def test_nothing_to_compare(check_gradient, np):
    x = np.array([1.0, 2.0, 3.0])
    answer = check_gradient(lambda x: np.sum(x ** 2), 2 * x[:, None], x)
    assert tuple(answer) == (False, np.inf, None, 0), f'a gradient of shape (3, 1) for an x of shape (3,) gets {answer}, expected (False, inf, None, 0)'
    answer = check_gradient(lambda x: np.sum(np.abs(x)), np.zeros(2), np.zeros(2))
    assert tuple(answer) == (False, np.inf, None, 2), f'all entries are kinks: the answer is {answer}, expected (False, inf, None, 2)'
