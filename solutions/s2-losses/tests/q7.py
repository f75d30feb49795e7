from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_entropies(entropy, cross_entropy, expect, np):
    p = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    q = np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]])
    remedy = 'the mean over the rows; classes with p = 0 add 0'
    expect(entropy(p), 0.75 * np.log(2.0), 'H(p)', remedy)
    expect(cross_entropy(p, q), 1.375 * np.log(2.0), 'H(p, q)', remedy)

@test_case(points=None, hidden=False)
def test_kl_divergence(kl_divergence, kl_divergence_gradient, expect, np):
    p = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]])
    q = np.array([[0.25, 0.25, 0.5], [0.5, 0.5, 0.0]])
    expect(kl_divergence(p, q), 0.625 * np.log(2.0), 'D(p || q)', 'H(p, q) - H(p)')
    right = [[-1.0, -0.5, -0.25], [-1.0, 0.0, 0.0]]
    expect(kl_divergence_gradient(p, q), right, 'the gradient by q', '-p / (N q), 0 where p = 0')
