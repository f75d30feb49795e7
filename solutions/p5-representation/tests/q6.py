from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_transfer(pretrain, fine_tune, predict, images, labels, noisy, names, np):
    renamed = names[labels[1000:]]
    few = np.concatenate([np.flatnonzero(renamed == c)[:5] for c in range(10)])
    rest = np.setdiff1d(np.arange(len(renamed)), few)
    model = pretrain(images[:1000], labels[:1000], 0)
    model = fine_tune(model, noisy[few], renamed[few], 10, 0)
    accuracy = np.mean(predict(model, noisy[rest]) == renamed[rest])
    assert accuracy > 0.5, f'accuracy {accuracy:.3f} on the noisy digits, expected 0.5 or more'
