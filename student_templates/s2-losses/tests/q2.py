from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_one_hot(one_hot, expect, np):
    right = np.zeros((3, 10))
    right[0, 0] = right[1, 2] = right[2, 9] = 1.0
    expect(one_hot(np.array([0, 2, 9]), 10), right, 'one-hot of 0, 2, 9', 'label k is column k')
    few = one_hot(np.array([1, 0]), 3)
    expect(few, [[0, 1, 0], [1, 0, 0]], 'one-hot of 1, 0', 'one column for each of the classes')

@test_case(points=None, hidden=False)
def test_accuracy(accuracy, expect, np):
    logits = np.array([[1.0, 3.0, 2.0], [0.5, 0.0, -1.0], [1.0, 2.0, 2.0], [-3.0, -1.0, -2.0]])
    share = accuracy(logits, np.array([1, 2, 1, 1]))
    expect(share, 0.75, 'the accuracy', "compare each row's argmax (axis=1) with its label")
