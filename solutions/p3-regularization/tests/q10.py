from otter.test_files import test_case

OK_FORMAT = False

name = "q10"
points = None

@test_case(points=None, hidden=False)
def test_reading_digits(train, predict, digits, np):
    order = np.random.default_rng(11).permutation(1797)
    learn, unseen = (order[:1347], order[1347:])
    model = train(digits.data[learn] / 16, digits.target[learn], 0)
    answers = predict(model, digits.data[unseen] / 16)
    assert isinstance(answers, np.ndarray) and answers.shape == (450,), 'predict: one label per row'
    assert answers.dtype.kind in 'iu', f'labels are integers, not {answers.dtype}'
    accuracy = np.mean(answers == digits.target[unseen])
    assert accuracy >= 0.94, f'{accuracy:.3f} of 450 unseen digits are right, expected 0.95 or so'
    one = predict(model, digits.data[unseen[:1]] / 16)
    assert one[0] == answers[0], 'one image alone gets another answer than among others'
