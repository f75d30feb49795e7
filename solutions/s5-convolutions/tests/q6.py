from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_shift(shift, expect, np):
    image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    down = [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]]
    expect(shift(image, 1, 0), down, 'shift(image, 1, 0)', 'one row down, zeros come in above')
    left = [[3.0, 0.0, 0.0], [6.0, 0.0, 0.0]]
    expect(shift(image, 0, -2), left, 'shift(image, 0, -2)', 'two columns to the left; zeros come in, not what has left on the other side')
    gone = np.zeros((2, 3))
    expect(shift(image, 0, 5), gone, 'shift(image, 0, 5)', 'nothing of the image is left')

@test_case(points=None, hidden=False)
def test_equivariance_error(equivariance_error, expect, np):
    image = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 1.0], [2.0, 0.0, 1.0]])

    def doubled(image):
        return 2.0 * image

    def distant(image):
        return -image * np.arange(3.0)

    def every_second(image):
        return image[::2, ::2]
    error = equivariance_error
    expect(error(doubled, image, 1, -1), 0.0, 'the error of x -> 2 x', 'it is equivariant')
    expect(error(distant, image, 0, 1), 5.0, 'the error of x[i, j] -> -j x[i, j]', 'the largest |f(S x) - S f(x)|, here |-10 + 5| at the entry [1, 2]')
    expect(error(distant, image, 0, 1, margin=1), 3.0, 'the same with margin 1', 'only the middle one of the 3 × 3 entries counts: |-3 - 0|')
    expect(error(every_second, image, 1, 0, step=2), 0.0, 'the error of taking every second pixel, step 2', 'shift the image by step · down = 2 rows, the map by 1')
