from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_output_size(output_size):
    cases = [((8, 3, 3, 1), 3), ((6, 3), 4), ((28, 5, 1, 2), 28), ((28, 2, 2), 14), ((5, 5), 1)]
    for arguments, wanted in cases:
        places = output_size(*arguments)
        called = f'output_size{arguments}'
        assert places is not None, called + ' is None. Is the `return` missing?'
        assert places == wanted, f'{called} is {places}, expected {wanted}: only whole jumps count, and both sides are padded'
        assert not isinstance(places, float), f'{called} is {places}: a number of places is an int'

@test_case(points=None, hidden=False)
def test_zero_pad(zero_pad, expect, np):
    padded = zero_pad(np.array([[1, 2, 3]], dtype=np.uint8), 1)
    expect(padded, [[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 0, 0, 0, 0]], 'the padded image', 'one row or column of zeros on each of the four sides, all of it float64')
    expect(zero_pad(np.array([[1.0, 2.0]]), 0), [[1, 2]], 'an image padded by 0', 'nothing is added')

@test_case(points=None, hidden=False)
def test_stride(filter_image, expect, np):
    image = np.arange(24.0).reshape(4, 6)
    expect(filter_image(image, np.array([[1.0, 0.0], [0.0, 10.0]]), 2), [[70.0, 92.0, 114.0], [202.0, 224.0, 246.0]], 'the map with stride 2', 'the window of the entry [i, j] begins at row 2 i and at column 2 j')

@test_case(points=None, hidden=False)
def test_stride_and_padding(filter_image, expect, np):
    image, kernel = (np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]), np.ones((3, 3)))
    expect(filter_image(image, kernel, 1, 1), [[14.0, 24.0, 30.0, 22.0], [14.0, 24.0, 30.0, 22.0]], 'the map with padding 1', 'pad first, then slide over the padded image; the size of the image stays')
    expect(filter_image(image, kernel, stride=3, padding=1), [[14.0, 22.0]], 'the map with stride 3 and padding 1', 'output_size says 1 × 2; the second window begins at column 3 of the padded image')
