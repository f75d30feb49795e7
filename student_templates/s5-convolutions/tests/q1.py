from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_worked_number(cross_correlate, patch, sobel, expect):
    y = cross_correlate(patch, sobel)
    remedy = 'multiply the window by the kernel, number by number, and add the nine products'
    flipped = getattr(y, 'shape', None) == (1, 1) and y[0, 0] == 63.0
    expect(y, [[-63.0]], 'the map', 'you have turned the kernel; that is q2' if flipped else remedy)

@test_case(points=None, hidden=False)
def test_map(cross_correlate, expect, np):
    image = np.array([[1.0, 2.0, 0.0, 3.0], [0.0, 1.0, 4.0, 1.0], [2.0, 0.0, 1.0, 5.0]])
    kernel = np.array([[1.0, -1.0, 2.0], [0.0, 3.0, 1.0]])
    expect(cross_correlate(image, kernel), [[6.0, 21.0], [8.0, 7.0]], 'the map', 'image (3, 4), kernel (2, 3): y[i, j] is the sum of image[i:i+2, j:j+3] * kernel')

@test_case(points=None, hidden=False)
def test_photo_of_bytes(cross_correlate, expect, np):
    image = np.array([[200, 100, 250]], dtype=np.uint8)
    kernel = np.array([[2, 1]], dtype=np.uint8)
    remedy = 'bytes overflow: make float64 arrays of image and kernel first'
    expect(cross_correlate(image, kernel), [[500.0, 450.0]], 'the map of bytes', remedy)
