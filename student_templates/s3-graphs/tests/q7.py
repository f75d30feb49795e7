from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_reshape(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a.reshape((3, 2))
    y.backward(np.array([[10.0, 20.0], [30.0, 40.0], [50.0, 60.0]]))
    expect(y.data, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 'a.reshape((3, 2))')
    expect(a.grad, [[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]], 'the gradient of a reshaped array')

@test_case(points=None, hidden=False)
def test_transpose(Node, expect, np):
    a, grad_output = (Node([[1.0, 2.0, 3.0]]), [[10.0], [20.0], [30.0]])
    y = a.transpose()
    y.backward(np.array(grad_output))
    expect(y.data, [[1.0], [2.0], [3.0]], 'a.transpose()')
    expect(a.grad, [[10.0, 20.0, 30.0]], 'the gradient of a.transpose()')
    cube = np.arange(24.0).reshape(2, 3, 4)
    b = Node(cube)
    y = b.transpose((1, 2, 0))
    expect(y.data, cube.transpose(1, 2, 0), 'b.transpose((1, 2, 0))')
    y.backward(10.0 * cube.transpose(1, 2, 0))
    expect(b.grad, 10.0 * cube, 'the gradient of b.transpose((1, 2, 0))', 'undo the permutation')

@test_case(points=None, hidden=False)
def test_index(Node, expect, np):
    a = Node([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    y = a[1, :2]
    y.backward(np.array([7.0, 8.0]))
    expect(y.data, [4.0, 5.0], 'a[1, :2]')
    expect(a.grad, [[0.0, 0.0, 0.0], [7.0, 8.0, 0.0]], 'the gradient of a[1, :2]')
    b = Node([1.0, 2.0, 3.0])
    y = b[[0, 0, 2]]
    y.backward(np.array([1.0, 10.0, 100.0]))
    expect(y.data, [1.0, 1.0, 3.0], 'b[[0, 0, 2]]')
    expect(b.grad, [11.0, 0.0, 100.0], 'the gradient of b[[0, 0, 2]]', 'entry 0 is used twice')
