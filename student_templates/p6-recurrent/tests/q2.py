from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_initial_weights(RNN, expect, np):
    rnn = RNN(400, 100, 1)
    expect(rnn.b, np.zeros(100), 'b', 'one bias per hidden value, zeros at first')
    for name, array, rows in [('W_x', rnn.W_x, 400), ('W_h', rnn.W_h, 100)]:
        assert array.shape == (rows, 100), f'{name} has shape {array.shape}, expected ({rows}, 100)'
        spread = array.std() * np.sqrt(rows)
        assert 0.95 < spread < 1.05, f'the standard deviation of {name} is {spread:.3f} / sqrt({rows}), expected 1 / sqrt'
    assert np.array_equal(rnn.W_h, RNN(400, 100, 1).W_h), 'equal seeds must give equal weights'

@test_case(points=None, hidden=False)
def test_forward(RNN, expect, np):
    rnn = RNN(1, 2)
    rnn.W_x, rnn.b = (np.array([[1.0, 0.0]]), np.zeros(2))
    rnn.W_h = np.array([[0.0, 1.0], [0.0, 0.0]])
    x = np.log(np.array([[[2.0], [3.0], [1.0]], [[1.0], [0.5], [2.0]]]))
    h = rnn.forward(x)
    first = np.array([[0.6, 0.8, 0.0], [0.0, -0.6, 0.6]])
    second = np.tanh(np.array([[0.0, 0.6, 0.8], [0.0, 0.0, -0.6]]))
    right = np.stack([first, second], axis=2)
    expect(h, right, 'h', 'each step starts from the state that the step before it made')
    h = rnn.forward(x[:, :1], np.array([[0.5, 7.0], [-1.0, 7.0]]))
    right = [[[0.6, np.tanh(0.5)]], [[0.0, -np.tanh(1.0)]]]
    expect(h, right, 'h with a given h_0', 'the first step starts from h_0')
    again = rnn.forward(x)[:, :, 1]
    expect(again, second, 'h without h_0, later', 'without h_0 every call starts from zeros')
