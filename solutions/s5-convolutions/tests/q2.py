from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_worked_number_turned(convolve, patch, sobel, expect):
    expect(convolve(patch, sobel), [[63.0]], 'the convolution', 'turn the kernel by 180° first')

@test_case(points=None, hidden=False)
def test_single_bright_pixel(convolve, expect, np):
    image = np.zeros((3, 5))
    image[1, 2] = 1.0
    kernel = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    expect(convolve(image, kernel), kernel, 'the convolution of a single bright pixel', 'it is the kernel itself; turning means both axes, not one of them and not a transpose')
