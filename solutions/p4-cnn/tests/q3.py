from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_max_pool(MaxPool2d, expect, np):
    layer = MaxPool2d((2, 2))
    x = -np.array([[[[5.0, 1.0, 2.0, 8.0, 0.0], [3.0, 4.0, 2.0, 6.0, 0.0], [0.0] * 5]]])
    expect(layer.forward(x), [[[[-1.0, -2.0]]]], 'y', 'the stride is (2, 2) if none is given')
    grad_x = [[[[0.0, 7.0, 9.0, 0.0, 0.0], [0.0] * 5, [0.0] * 5]]]
    actual = layer.backward(np.array([[[[7.0, 9.0]]]]))
    expect(actual, grad_x, 'the gradient by x', 'to the winner; the first one if two are equal')

@test_case(points=None, hidden=False)
def test_padded_and_overlapping(MaxPool2d, expect, np):
    layer = MaxPool2d((1, 3), stride=(1, 1), padding=(0, 1))
    y = layer.forward(np.array([[[[-4.0, -1.0, -3.0, -2.0]]]]))
    expect(y, [[[[-1.0, -1.0, -1.0, -2.0]]]], 'y of negative numbers', 'pad with -inf, not with 0')
    grad_x = layer.backward(np.array([[[[1.0, 2.0, 4.0, 8.0]]]]))
    expect(grad_x, [[[[0.0, 7.0, 0.0, 8.0]]]], 'the gradient by x', 'who wins twice gets both')
