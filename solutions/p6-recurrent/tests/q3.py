from otter.test_files import test_case

OK_FORMAT = False

name = "q3"
points = None

@test_case(points=None, hidden=False)
def test_gradients_through_time(RNN, expect, slope, np):
    draw = np.random.default_rng(2).standard_normal
    rnn = RNN(2, 3, 4)
    x, h_0, grad_h = (draw((2, 4, 2)), draw((2, 3)), draw((2, 4, 3)))
    rnn.forward(x, h_0)
    grad_x = rnn.backward(grad_h)
    found = [grad_x, rnn.grad_h_0, rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b]
    remedies = ['at each time: grad_h[:, t] plus what came from later, through tanh, times W_xᵀ', 'what is left to hand on after the first step', 'the sum over all times of x_tᵀ · δ_t', 'the sum over all times of h_{t-1}ᵀ · δ_t, beginning with h_0', 'the sum over all times and sequences of δ_t']
    arrays = [x, h_0, rnn.W_x, rnn.W_h, rnn.b]
    names = ['x', 'h_0', 'W_x', 'W_h', 'b']
    for array, gradient, name, remedy in zip(arrays, found, names, remedies, strict=True):
        right = slope(lambda: np.sum(grad_h * rnn.forward(x, h_0)), array)
        expect(gradient, right, 'the gradient by ' + name, remedy)

@test_case(points=None, hidden=False)
def test_backward_twice(RNN, expect, np):
    rnn = RNN(2, 3, 5)
    x = np.random.default_rng(3).standard_normal((2, 4, 2))
    rnn.forward(x)
    rnn.backward(np.ones((2, 4, 3)))
    once = rnn.grad_W_h.copy()
    rnn.forward(x)
    rnn.backward(np.ones((2, 4, 3)))
    expect(rnn.grad_W_h, once, 'grad_W_h of a second backward', 'start from zeros in each backward')
