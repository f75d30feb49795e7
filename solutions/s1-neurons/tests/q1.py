from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_steps(heaviside, sign, expect, np):
    z = np.array([[-2.0, -1e-09, 0.0], [1e-09, 3.0, -np.inf]])
    expect(heaviside(z), [[0, 0, 1], [1, 1, 0]], 'heaviside', '1 from 0 on, 0 before')
    expect(sign(z), [[-1, -1, 1], [1, 1, -1]], 'sign', 'sign(0) = +1: a class has to be chosen')
    expect(heaviside(np.array([-1, 0, 2])), [0, 1, 1], 'heaviside of integers')

@test_case(points=None, hidden=False)
def test_sigmoid(sigmoid, expect, np):
    z = np.array([[0.0, np.log(3.0)], [-np.log(3.0), -np.log(9.0)]])
    expect(sigmoid(z), [[0.5, 0.75], [0.25, 0.1]], 'sigmoid', '1 / (1 + exp(-z))')
    extremes = np.array([-1000.0, 1000.0, -np.inf, np.inf])
    expect(sigmoid(extremes), [0, 1, 0, 1], 'sigmoid of ±1000 and ±∞', 'compute only exp(-|z|)')

@test_case(points=None, hidden=False)
def test_tanh(tanh, expect, np):
    z = np.array([0.0, np.log(2.0), -np.log(3.0), -1000.0, 1000.0])
    expect(tanh(z), [0.0, 0.6, -0.8, -1.0, 1.0], 'tanh', '2σ(2z) - 1, with the 2 inside')

@test_case(points=None, hidden=False)
def test_relu(relu, expect, np):
    z = np.array([[-2.0, 0.0], [0.5, 1000.0], [-np.inf, np.inf]])
    expect(relu(z), [[0, 0], [0.5, 1000], [0, np.inf]], 'relu', 'negative numbers become 0')
    assert z[0, 0] == -2.0, 'relu has changed the array that it was given'
