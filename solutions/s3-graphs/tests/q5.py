from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_exp_and_log(Node, expect, np):
    a = Node([0.0, np.log(2.0), -1.0])
    y = a.exp()
    y.backward(np.array([3.0, 0.5, 1.0]))
    expect(y.data, [1.0, 2.0, np.exp(-1.0)], 'exp(a)')
    expect(a.grad, [3.0, 1.0, np.exp(-1.0)], 'the gradient of exp(a)')
    b = Node([1.0, 0.5, 4.0])
    y = b.log()
    y.backward(np.array([3.0, 2.0, 1.0]))
    expect(y.data, [0.0, -np.log(2.0), np.log(4.0)], 'log(b)')
    expect(b.grad, [3.0, 4.0, 0.25], 'the gradient of log(b)')

@test_case(points=None, hidden=False)
def test_relu(Node, expect, np):
    a = Node([-2.0, 0.0, 3.0])
    y = a.relu()
    y.backward(np.array([5.0, 5.0, -5.0]))
    expect(y.data, [0.0, 0.0, 3.0], 'relu(a)')
    expect(a.grad, [0.0, 0.0, -5.0], 'the gradient of relu(a)', 'g where a > 0, and 0 elsewhere')

@test_case(points=None, hidden=False)
def test_sigmoid(Node, expect, np):
    a = Node([0.0, np.log(3.0), -np.log(3.0), 1000.0, -1000.0])
    y = a.sigmoid()
    y.backward(np.array([4.0, 16.0, 16.0, 1.0, 1.0]))
    expect(y.data, [0.5, 0.75, 0.25, 1.0, 0.0], 'sigmoid(a)', 'compute only exp(-|a|)')
    expect(a.grad, [1.0, 3.0, 3.0, 0.0, 0.0], 'the gradient of sigmoid(a)')

@test_case(points=None, hidden=False)
def test_two_sigmoids(Node, expect):
    a, b, c = (Node(9.0), Node(1.0), Node(100.0))
    y = ((a + b).sigmoid() + (b * c).sigmoid()).sigmoid()
    y.backward()
    precise = {'rtol': 1e-09, 'atol': 0.0}
    remedy = "1 - σ(a) loses the digits: write σ' as t / (1 + t)² with t = exp(-|a|)"
    expect(y.data, 0.88079231141, 'y', **precise)
    expect(a.grad, 4.766433410856e-06, 'the gradient by a', remedy, **precise)
    expect(b.grad, 4.766433410856e-06, 'the gradient by b', remedy, **precise)
    expect(c.grad, 3.905976191935e-45, 'the gradient by c', remedy, **precise)
