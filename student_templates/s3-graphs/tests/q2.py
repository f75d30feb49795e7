from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_new_axes(unbroadcast, expect, np):
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    expect(unbroadcast(grad, (2, 3)), grad, 'unbroadcast to the same shape', 'there is no sum')
    expect(unbroadcast(grad, (3,)), [11.0, 22.0, 33.0], 'unbroadcast of (2, 3) to (3,)')
    expect(unbroadcast(grad, ()), 66.0, 'unbroadcast of (2, 3) to ()')

@test_case(points=None, hidden=False)
def test_axes_of_length_one(unbroadcast, expect, np):
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    expect(unbroadcast(grad, (2, 1)), [[6.0], [60.0]], 'unbroadcast of (2, 3) to (2, 1)')
    expect(unbroadcast(grad, (1, 3)), [[11.0, 22.0, 33.0]], 'unbroadcast of (2, 3) to (1, 3)')
    cube = np.ones((4, 2, 3))
    expect(unbroadcast(cube, (2, 1)), [[12.0], [12.0]], 'unbroadcast of (4, 2, 3) to (2, 1)')
