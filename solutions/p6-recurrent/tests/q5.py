from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_cross_entropy(CharacterCrossEntropy, expect, np):
    loss = CharacterCrossEntropy()
    p = np.array([[[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]])
    value = loss.forward(np.log(p) + 7.0, np.array([[1, 0]]))
    expect(value, np.log(32.0) / 2, 'the loss', 'the mean over all N·T characters of -ln p[target]')
    expect(loss.backward(), [[[0.25, -0.375, 0.125], [-0.4375, 0.0625, 0.375]]], 'the gradient by the logits', '(p - one-hot) / (N·T)')
    value = loss.forward(np.array([[[1000.0, 0.0]]]), np.array([[1]]))
    expect(value, 1000.0, 'the loss of a confident wrong answer', 'take ln Σ exp(z) - z[target]')

@test_case(points=None, hidden=False)
def test_perplexity(perplexity, expect, np):
    uniform = np.full((2, 3, 8), 0.125)
    targets = np.array([[0, 1, 2], [5, 6, 7]])
    expect(perplexity(uniform, targets), 8.0, 'the perplexity of a uniform guess', 'it is V')
    p = np.array([[[0.5, 0.5], [0.875, 0.125]]])
    value = perplexity(p, np.array([[0, 1]]))
    expect(value, 4.0, 'the perplexity', 'exp of the mean of -ln p[target]: here √(2 · 8)')
