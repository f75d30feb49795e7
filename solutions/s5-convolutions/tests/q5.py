from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_max_pool(max_pool, expect, np):
    image = np.array([[1.0, 5.0, -2.0, -3.0, 9.0], [2.0, 3.0, -5.0, -4.0, 9.0]])
    expect(max_pool(image, 2), [[5.0, -2.0]], 'max_pool with window 2', 'stride 2 by default, the fifth column is left over, and -2 is the largest of the second')
    expect(max_pool(image, 2, 1), [[5.0, 5.0, -2.0, 9.0]], 'max_pool with window 2 and stride 1', 'windows overlap')

@test_case(points=None, hidden=False)
def test_average_pool(average_pool, expect, np):
    image = np.arange(15).reshape(3, 5) ** 2
    expect(average_pool(image, 2), [[15.5, 31.5]], 'average_pool with window 2', 'stride 2 by default; the last row and the last column are left over')
    expect(average_pool(image, 1, 2), [[0.0, 4.0, 16.0], [100.0, 144.0, 196.0]], 'average_pool with window 1 and stride 2', 'there are gaps between the windows')
