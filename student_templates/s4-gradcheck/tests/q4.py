from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_relative_error(relative_error, expect, np):
    a = np.array([[2.0, -4.0, 1e-06], [0.0, 5.0, -3.0]])
    b = np.array([[1.0, -5.0, 2e-06], [1e-12, 5.0, 3.0]])
    right = np.array([[0.5, 0.2, 0.001], [1e-09, 0.0, 2.0]])
    expect(relative_error(a, b), right, 'relative_error', '|a - b| / max(|a|, |b|, 1e-3)', atol=0)
    right[0, 2], right[1, 0] = (0.5, 1.0)
    expect(relative_error(a, b, 0.0), right, 'relative_error with floor 0', 'use `floor`', atol=0)

@test_case(points=None, hidden=False)
def test_zeros_and_nan(relative_error, expect, np):
    a = np.array([0.0, np.nan, 1.0, np.inf, np.inf])
    b = np.array([0.0, 1.0, np.nan, 1.0, np.inf])
    error = relative_error(a, b, floor=0.0)
    assert isinstance(error, np.ndarray), 'expected an array of errors, one for each entry'
    assert error[0] == 0.0, f'the error of 0 against 0 is {error[0]}, expected 0'
    assert np.all(error[1:] == np.inf), f'errors where a or b is NaN or infinite: {error[1:]}, expected inf (NaN compares as false)'

@test_case(points=None, hidden=False)
def test_shapes_must_agree(relative_error, np):
    try:
        error = relative_error(np.zeros(3), np.zeros((3, 1)))
    except ValueError:
        return
    raise AssertionError(f'shapes (3,) and (3, 1) should raise ValueError; the answer was an array of shape {np.shape(error)}')
