from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_clipping(clip_by_global_norm, expect, np):
    gradients = [np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([0.0, -4.0, 12.0])]
    clipped, norm = clip_by_global_norm(gradients, 6.5)
    expect(norm, 13.0, 'the norm', 'the root of the sum of ALL squares, before clipping')
    expect(clipped[0], [[1.5, 0.0], [0.0, 0.0]], 'the first array', 'one common factor for all')
    expect(clipped[1], [0.0, -2.0, 6.0], 'the second array', 'one common factor for all')
    expect(gradients[1], [0.0, -4.0, 12.0], 'the array that was given', 'do not scale in place')
    clipped, norm = clip_by_global_norm(gradients, 20.0)
    expect(norm, 13.0, 'the norm', 'it is returned also when nothing is clipped')
    expect(clipped[1], [0.0, -4.0, 12.0], 'a short gradient', 'clipping never makes it longer')
