from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_average_pool(AvgPool2d, expect, np):
    layer = AvgPool2d((2, 2))
    x = np.array([[[[1, 2, 3, 4, 9], [5, 6, 7, 8, 9], [9, 9, 9, 9, 9]]]])
    expect(layer.forward(x), [[[[3.5, 5.5]]]], 'y', 'the stride is (2, 2) if none is given')
    grad_x = layer.backward(np.array([[[[4.0, -8.0]]]]))
    row = [1.0, 1.0, -2.0, -2.0, 0.0]
    expect(grad_x, [[[row, row, [0.0] * 5]]], 'the gradient by x', 'a share of 1 / (kh · kw) each')

@test_case(points=None, hidden=False)
def test_average_with_padding(AvgPool2d, expect, np):
    layer = AvgPool2d((1, 3), stride=(1, 1), padding=(0, 1))
    y = layer.forward(np.array([[[[3.0, 6.0, 9.0, 12.0]]]]))
    expect(y, [[[[3.0, 6.0, 9.0, 7.0]]]], 'y', 'zeros of the padding count')
    grad_x = layer.backward(np.array([[[[3.0, 6.0, 9.0, 12.0]]]]))
    expect(grad_x, [[[[3.0, 6.0, 9.0, 7.0]]]], 'the gradient by x', 'windows overlap: add up')

@test_case(points=None, hidden=False)
def test_flatten(Flatten, expect, np):
    layer = Flatten()
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    expect(layer.forward(x), np.arange(24.0).reshape(2, 12), 'y', 'channel by channel')
    expect(layer.backward(-np.arange(24.0).reshape(2, 12)), -x, 'the gradient by x')
