from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_softmax(softmax, expect, np):
    z = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    p = np.array([[0.125, 0.25, 0.625], [0.375, 0.375, 0.25]])
    expect(softmax(z), p, 'softmax', 'each row is divided by its own sum: axis=1, keepdims=True')
    expect(softmax(z + 1000.0), p, 'softmax of large logits', "subtract each row's maximum first")
