from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_running_risk(running_risk, expect, np):
    Q = running_risk(np.array([10.0, 6.0]), np.array([4.0, 1.0, 9.0]), 0.25)
    expect(Q, [7.0, 5.5, 6.375], 'the running risk', 'Q begins with the mean of the initial losses, then λ · loss + (1 - λ) · Q')
