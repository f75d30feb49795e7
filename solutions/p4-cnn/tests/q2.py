from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_the_example_of_the_lecture(Conv2d, expect, np):
    layer = Conv2d(1, 1, (3, 3))
    layer.W = np.array([[[[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]]])
    patch = np.array([[[[221, 198, 149], [205, 147, 173], [149, 170, 222]]]])
    expect(layer.forward(patch), [[[[-63.0]]]], 'y', 'the kernel is not flipped')

@test_case(points=None, hidden=False)
def test_initial_weights(Conv2d, expect, np):
    layer = Conv2d(20, 30, (5, 3), rng=1)
    expect(layer.b, np.zeros(30), 'b', 'one bias per output channel, zeros at first')
    assert layer.W.shape == (30, 20, 5, 3), f'W has shape {layer.W.shape}, expected (K, C, kh, kw)'
    spread = layer.W.std() * np.sqrt(300)
    assert 0.95 < spread < 1.05, f'the standard deviation of W is {spread:.3f} / sqrt(fan-in), expected 1 / sqrt(fan-in)'
    same = Conv2d(20, 30, (5, 3), rng=1)
    assert np.array_equal(layer.W, same.W), 'equal seeds must give equal weights'

@test_case(points=None, hidden=False)
def test_forward_as_in_torch(Conv2d, expect, np, torch, nn):
    rng = np.random.default_rng(0)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((2, 3), (0, 1))]:
        layer = Conv2d(3, 4, (3, 2), stride, padding)
        layer.W, layer.b = (rng.standard_normal((4, 3, 3, 2)), rng.standard_normal(4))
        x = rng.standard_normal((2, 3, 6, 8))
        y = nn.functional.conv2d(*map(torch.tensor, (x, layer.W, layer.b)), stride=stride, padding=padding)
        expect(layer.forward(x), y.numpy(), f'y with stride {stride} and padding {padding}')

@test_case(points=None, hidden=False)
def test_gradients_as_in_torch(Conv2d, expect, np, torch, nn):
    rng = np.random.default_rng(0)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((2, 3), (0, 1))]:
        layer = Conv2d(3, 4, (3, 2), stride, padding)
        arrays = [rng.standard_normal(shape) for shape in [(2, 3, 6, 8), (4, 3, 3, 2), 4]]
        layer.W, layer.b = arrays[1:]
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        y = nn.functional.conv2d(*tensors, stride=stride, padding=padding)
        grad_output = rng.standard_normal(y.shape)
        y.backward(torch.tensor(grad_output))
        layer.forward(arrays[0])
        grad_x = layer.backward(grad_output)
        name = f' with stride {stride} and padding {padding}'
        by_x, by_W, by_b = (tensor.grad.numpy() for tensor in tensors)
        expect(layer.grad_b, by_b, 'grad_b' + name, 'b_k was added to every pixel of every image')
        expect(layer.grad_W, by_W, 'grad_W' + name, 'sum over images and over places')
        expect(grad_x, by_x, 'the gradient by x' + name, 'windows overlap: add up, then crop')
