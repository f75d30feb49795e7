from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_patience(EarlyStopping, np):
    stopper = EarlyStopping(2)
    assert stopper.best_loss == np.inf and stopper.best_arrays is None, 'see the start values'
    losses = [5.0, 3.0, 4.0, 2.0, np.nan, 2.5]
    said = [bool(stopper.update(loss, [np.array([loss])])) for loss in losses]
    assert said == [False] * 5 + [True], f'with patience 2 the losses {losses} gave {said}; expected True at the last one only: two in a row without an improvement, and a NaN is none'
    assert stopper.best_loss == 2.0, f'best_loss is {stopper.best_loss}, expected 2.0'
    assert stopper.best_arrays[0][0] == 2.0, 'best_arrays belong to the best loss, not to the last'

@test_case(points=None, hidden=False)
def test_copies(EarlyStopping, np):
    stopper, W = (EarlyStopping(3), np.array([1.0, 2.0]))
    stopper.update(0.5, [W])
    W -= 1.0
    assert stopper.best_arrays[0][0] == 1.0, 'best_arrays changed along with W: keep copies'

@test_case(points=None, hidden=False)
def test_min_delta(EarlyStopping):
    stopper = EarlyStopping(3, min_delta=0.5)
    for loss in [4.0, 3.75, 3.625]:
        stopper.update(loss, [])
    assert stopper.best_loss == 4.0, '3.75 and 3.625 are not smaller than 4.0 - min_delta'
    stopper.update(3.25, [])
    assert stopper.best_loss == 3.25, '3.25 is smaller than 4.0 - min_delta'
