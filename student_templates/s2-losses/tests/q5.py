from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_cross_entropy_from_logits(cross_entropy_from_logits, expect, np):
    logits = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    value = cross_entropy_from_logits(logits, np.array([2, 0]))
    expect(value, np.log(10.0) / 2, 'the loss', 'the mean over the objects of -ln p[true]')
    sure = cross_entropy_from_logits(np.array([[1000.0, 0.0]]), np.array([1]))
    expect(sure, 1000.0, 'the loss of a sure and wrong answer', 'take ln p from log-softmax')

@test_case(points=None, hidden=False)
def test_its_gradient(cross_entropy_from_logits_gradient, expect, np):
    logits = np.log(np.array([[1.0, 3.0, 4.0], [2.0, 2.0, 6.0]]))
    gradient = cross_entropy_from_logits_gradient(logits, np.array([2, 0]))
    right = [[0.0625, 0.1875, -0.25], [-0.4, 0.1, 0.3]]
    expect(gradient, right, 'the gradient by the logits', '(p - one-hot) / N')
