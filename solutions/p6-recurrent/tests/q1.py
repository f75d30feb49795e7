from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_step(rnn_step, expect, np):
    x, h = (np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.5, -0.5, 0.0], [0.0, 0.0, 1.0]]))
    W_x = np.log(np.array([[2.0, 1.0, 3.0], [1.0, 2.0, 1.0]]))
    W_h = np.log(np.array([[1.0, 4.0, 1.0], [1.0, 1.0, 9.0], [2.0, 1.0, 1.0]]))
    b = np.log(np.array([1.0, 1.0, 2.0]))
    h_new = rnn_step(x, h, W_x, W_h, b)
    right = [[0.6, 63 / 65, 0.6], [0.6, -0.6, 0.6]]
    expect(h_new, right, 'the new state', 'tanh of x W_x + h W_h + b')

@test_case(points=None, hidden=False)
def test_step_gradients(rnn_step, rnn_step_backward, expect, slope, np):
    draw = np.random.default_rng(1).standard_normal
    x, h, W_x, W_h, b = (draw((4, 2)), draw((4, 3)), draw((2, 3)), draw((3, 3)), draw(3))
    grad = draw((4, 3))
    answer = rnn_step_backward(grad, x, h, rnn_step(x, h, W_x, W_h, b), W_x, W_h)
    assert isinstance(answer, (tuple, list)), 'return a tuple of five gradients'
    assert len(answer) == 5, f'{len(answer)} gradients, expected 5: by x, h, W_x, W_h, b'
    remedies = ['δ · W_xᵀ with δ = grad_h_new · (1 - h_new²)', 'δ · W_hᵀ with δ = grad_h_new · (1 - h_new²)', 'xᵀ · δ, summed over the batch', 'hᵀ · δ with the old state h, summed over the batch', 'δ, summed over the batch']
    for array, gradient, name, remedy in zip([x, h, W_x, W_h, b], answer, ['x', 'h', 'W_x', 'W_h', 'b'], remedies, strict=True):
        right = slope(lambda: np.sum(grad * rnn_step(x, h, W_x, W_h, b)), array)
        expect(gradient, right, 'the gradient by ' + name, remedy)
