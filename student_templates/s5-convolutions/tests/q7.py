from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_conv_layer(conv_layer, expect, np):
    x = np.array([[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]])
    W = np.array([[[[1.0, 1.0]], [[0.0, 1.0]]], [[[2.0, 0.0]], [[0.0, 0.0]]], [[[0.0, 0.0]]] * 2])
    y = conv_layer(x, W, np.array([-30.5, 0.0, 7.0]))
    expect(y, [[[-7.5, 4.5]], [[2.0, 4.0]], [[7.0, 7.0]]], 'y', 'x is (2, 1, 3), W is (3, 2, 1, 2): add up the two filtered channels, then the bias, once')

@test_case(points=None, hidden=False)
def test_conv_layer_with_stride_and_padding(conv_layer, expect, np):
    y = conv_layer(np.ones((2, 4, 5)), np.ones((1, 2, 3, 3)), np.zeros(1), stride=2, padding=1)
    expect(y, [[[8.0, 12.0, 8.0], [12.0, 18.0, 12.0]]], 'y with stride 2 and padding 1', 'hand stride and padding on to the filter of each channel')
