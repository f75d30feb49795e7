from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_common_factor(common_factor, np):
    numerical = np.array([[1.0, -2.0, 0.0], [0.5, 4.0, 0.001]])
    for factor in (-1.0, 0.25, 2.0, 0.0):
        answer = common_factor(factor * numerical, numerical + 1e-10)
        assert answer is not None, f'claimed = {factor} · numerical, but the answer is None'
        assert abs(answer - factor) < 1e-06, f'the factor is {answer}, expected {factor}'
    other = numerical.copy()
    other[1, 0] += 0.1
    assert common_factor(other, numerical) is None, 'one entry does not fit: expected None'
    other[1, 0] = np.nan
    assert common_factor(other, numerical) is None, 'one entry is NaN: expected None'
    assert common_factor(numerical, 0.0 * numerical) is None, 'numerical is 0: expected None'

@test_case(points=None, hidden=False)
def test_findings(findings):
    answer = findings()
    assert isinstance(answer, list), f'the answer is {answer!r}, expected a list of numbers'
    assert all((number in range(1, 16) for number in answer)), 'the exhibits are numbered 1 to 15'
    assert len(set(answer)) == 6, f'you name {len(set(answer))} gradients as wrong; there are 6. What does check_layer say, with kinks left out, and in each entry?'
