from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_cross_entropy(SoftmaxCrossEntropy, expect, np):
    loss = SoftmaxCrossEntropy()
    logits = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]))
    value = loss.forward(logits, np.array([2, 0]))
    expect(value, -np.log(0.625 * 0.375) / 2, 'the loss', 'the mean over the batch of -ln p[true]')
    expect(loss.backward(), [[0.0625, 0.125, -0.1875], [-0.3125, 0.1875, 0.125]], 'the gradient by the logits', '(p - one-hot) / N')

@test_case(points=None, hidden=False)
def test_confident_and_wrong(SoftmaxCrossEntropy, expect, np):
    value = SoftmaxCrossEntropy().forward(np.array([[1000.0, 0.0]]), np.array([1]))
    expect(value, 1000.0, 'the loss of a confident wrong answer', 'take ln Σ exp(z) - z[true]')
