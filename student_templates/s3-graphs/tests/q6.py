from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_matmul(Node, expect, np):
    a, b = (Node([[1.0, 2.0, 0.0], [0.0, -1.0, 3.0]]), Node([[1.0], [2.0], [-1.0]]))
    y = a @ b
    y.backward(np.array([[1.0], [10.0]]))
    expect(y.data, [[5.0], [-5.0]], 'a @ b')
    expect(a.grad, [[1.0, 2.0, -1.0], [10.0, 20.0, -10.0]], 'the gradient of a @ b by a', 'G Bᵀ')
    expect(b.grad, [[1.0], [-8.0], [30.0]], 'the gradient of a @ b by b', 'Aᵀ G')
    expect((np.ones((1, 2)) @ a).data, [[1.0, 1.0, 3.0]], 'array @ a')

@test_case(points=None, hidden=False)
def test_sum(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.sum()
    y.backward(7.0)
    expect(y.data, 21.0, 'a.sum()')
    expect(a.grad, [[7.0] * 3] * 2, 'the gradient of a.sum()', 'each summand enters with factor 1')
    for axis, value, grad_output, grad in [(0, [5.0, 7.0, 9.0], [1.0, 2.0, 3.0], [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]), (1, [6.0, 15.0], [1.0, 2.0], [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])]:
        y = a.sum(axis)
        y.backward(np.array(grad_output))
        expect(y.data, value, f'a.sum({axis})')
        expect(a.grad, grad, f'the gradient of a.sum({axis})', 'copied along the vanished axis')

@test_case(points=None, hidden=False)
def test_mean(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.mean()
    y.backward()
    expect(y.data, 3.5, 'a.mean()')
    expect(a.grad, [[1 / 6] * 3] * 2, 'the gradient of a.mean()', '1 over the number of entries')
    y = a.mean(1)
    y.backward(np.array([3.0, 6.0]))
    expect(y.data, [2.0, 5.0], 'a.mean(1)')
    expect(a.grad, [[1.0] * 3, [2.0] * 3], 'the gradient of a.mean(1)', 'a row has 3 entries')
