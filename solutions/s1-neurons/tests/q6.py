from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_step(hebb_step, expect_items, expect, np):
    cases = [('silent, should fire', 1, -2.0, [1.0, -0.5, 1.0], -1.5), ('fires, should be silent', 0, -0.25, [0.0, -0.5, 0.0], -0.75), ('silent, as it should be', 0, -2.0, [0.5, -0.5, 0.5], -2.0), ('fires, as it should', 1, -0.25, [0.5, -0.5, 0.5], -0.25)]
    x, w = (np.array([1.0, 0.0, 1.0]), np.array([0.5, -0.5, 0.5]))
    for name, y, b, new_w, new_b in cases:
        answer = hebb_step(x, y, w, b, 0.5)
        expect_items(answer, ['w', 'b'], 'hebb_step')
        expect(answer[0], new_w, f'w ({name})', 'only weights of inputs that are 1 change, by lr')
        expect(answer[1], new_b, f'b ({name})', 'the bias is the weight of an input that is 1')
        assert w.tolist() == [0.5, -0.5, 0.5], 'hebb_step has changed the w that it was given'

@test_case(points=None, hidden=False)
def test_training(hebb_train, expect_items, expect, np):
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([0.0, 0.0, 0.0, 1.0])
    answer = hebb_train(X, y, np.zeros(2), 0.5, 1.0, 6)
    expect_items(answer, ['w', 'b', 'mistakes'], 'hebb_train')
    assert len(answer[2]) == 6, f'mistakes has {len(answer[2])} items, expected one for each epoch'
    assert list(answer[2]) == [2, 3, 3, 2, 1, 0], f'the mistakes are {list(answer[2])}, expected [2, 3, 3, 2, 1, 0]: each answer is given with the weights of that moment, and each step is taken at once'
    expect(answer[0], [2.0, 1.0], 'w after learning AND')
    expect(answer[1], -2.5, 'b after learning AND')
