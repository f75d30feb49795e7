from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_worked_example(Node, expect):
    a, b, c = (Node(1.0), Node(2.0), Node(3.0))
    g = 2 * b
    e, f = (a + g, g + c)
    y = e * f
    y.backward()
    expect(y.data, 35.0, 'y')
    expect(y.grad, 1.0, 'the gradient by y itself')
    expect(a.grad, 7.0, 'the gradient by a')
    expect(c.grad, 5.0, 'the gradient by c')
    expect(g.grad, 12.0, 'the gradient by g', 'g is used twice: 7 along one arrow, 5 along the other')
    expect(b.grad, 24.0, 'the gradient by b', '2 · 12')

@test_case(points=None, hidden=False)
def test_shared_nodes(Node, expect):
    x = Node(3.0)
    (x * x * x).backward()
    expect(x.grad, 27.0, 'the gradient of x * x * x', 'all uses of x add up, also in x * x')
    a, b = (Node(1.0), Node(2.0))
    s = a + b
    (s + a).backward()
    expect(a.grad, 2.0, 'the gradient of (a + b) + a by a')
    expect(b.grad, 1.0, 'the gradient of (a + b) + a by b', 'is an array shared between nodes?')
    expect(s.grad, 1.0, 'the gradient of (a + b) + a by a + b', 'is an array shared between nodes?')

@test_case(points=None, hidden=False)
def test_broadcasting(Node, expect, np):
    x, b = (Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), Node([1.0, 0.0, -1.0]))
    grad_output = np.array([[1.0, 0.0, 2.0], [3.0, 1.0, 0.0]])
    (x * b).backward(grad_output)
    expect(x.grad, grad_output * [1.0, 0.0, -1.0], 'the gradient of x * b by x')
    expect(b.grad, [13.0, 5.0, 6.0], 'the gradient of x * b by b', 'b is used once per row')

@test_case(points=None, hidden=False)
def test_roots_and_repetition(Node, expect, np):
    x = Node([2.0, 3.0])
    y = x * x
    try:
        y.backward()
        raised = False
    except ValueError:
        raised = True
    assert raised, 'backward() of two numbers has to raise ValueError: which gradient is meant?'
    for _ in range(2):
        y.backward(np.array([1.0, 10.0]))
        expect(x.grad, [4.0, 60.0], 'the gradient by x', 'each backward begins anew')

@test_case(points=None, hidden=False)
def test_constants(Node, expect):
    x, k = (Node(3.0), Node(5.0, requires_grad=False))
    y = k * x * x.detach()
    y.backward()
    expect(x.grad, 15.0, 'the gradient of 5 · x · x.detach()', 'detach stops the gradient')
    assert k.grad is None, f'the grad of a constant is {k.grad}, expected None'

@test_case(points=None, hidden=False)
def test_deep_graphs(Node, horner, expect):
    x = Node(1.0)
    y = x
    for _ in range(10):
        y = y + y
    y.backward()
    expect(x.grad, 1024.0, 'the gradient through 10 diamonds')
    horner(x, [1.0] * 2501).backward()
    expect(x.grad, 2500 * 2501 / 2, 'the derivative of x²⁵⁰⁰ + … + x + 1 at 1')
