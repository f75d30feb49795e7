from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_clipping(clip_gradients, expect, np):
    gradients = [np.array([3.0, 0.0]), np.array([[0.0], [-4.0]])]
    one, two = clip_gradients(gradients, 2.5)
    remedy = 'the norm of both arrays together is 5, so that both are multiplied by 2.5/5'
    expect(one, [1.5, 0.0], 'the first gradient clipped', remedy)
    expect(two, [[0.0], [-2.0]], 'the second gradient clipped', remedy)
    assert gradients[0][0] == 3.0, 'clip_gradients has changed its input: make new arrays'
    one, two = clip_gradients(gradients, 6.0)
    expect(two, [[0.0], [-4.0]], 'a gradient below max_norm', 'it stays as it is')

@test_case(points=None, hidden=False)
def test_schedules(step_decay, inverse_decay, cosine_decay, expect):
    for t, lr in [(0, 0.8), (2, 0.8), (3, 0.4), (7, 0.2)]:
        expect(step_decay(0.8, t, 0.5, 3), lr, f'step_decay(0.8, {t}, 0.5, 3)', '⌊t / every⌋ drops')
    for t, lr in [(0, 0.8), (4, 0.4), (12, 0.2)]:
        expect(inverse_decay(0.8, t, 0.25), lr, f'inverse_decay(0.8, {t}, 0.25)')
    for t, lr in [(0, 0.9), (2, 0.7), (3, 0.5), (6, 0.1), (9, 0.1)]:
        expect(cosine_decay(0.9, t, 6, 0.1), lr, f'cosine_decay(0.9, {t}, 6, 0.1)')

@test_case(points=None, hidden=False)
def test_loop(minimize, SGD, expect, np):
    w, seen = (np.array([1.0]), [])

    def gradient(parameters):
        seen.append(float(parameters[0][0]))
        return [np.array([1.0])]
    minimize(SGD([w], 99.0), gradient, lambda t: [0.5, 0.25, 0.125][t], 3)
    assert seen == [1.0, 0.5, 0.25], f'gradients were asked for at w = {seen}, expected 1, 0.5, 0.25: in each step first optimizer.lr = schedule(t), then the gradient at the present w, then the step'
    expect(w, [0.125], 'the parameter after 3 steps', 'the last step has the rate schedule(2)')
