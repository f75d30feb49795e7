from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_pad_and_crop(pad, crop, expect, np):
    x = np.array([[[[1, 2, 3], [4, 5, 6]]]])
    wide = [[[[9.0] * 5, [9.0, 1.0, 2.0, 3.0, 9.0], [9.0, 4.0, 5.0, 6.0, 9.0], [9.0] * 5]]]
    expect(pad(x, (1, 1), 9.0), wide, 'pad', 'ph rows above and below, pw columns on both sides')
    expect(pad(x, (0, 2)).sum(axis=(0, 1, 2)), [0, 0, 5, 7, 9, 0, 0], 'column sums of pad (0, 2)')
    expect(crop(pad(x, (2, 1)), (2, 1)), x, 'crop after pad', 'they undo each other')
    expect(crop(pad(x, (1, 0)), (1, 0)), x, 'crop after pad (1, 0)', '0:-0 is an empty slice')

@test_case(points=None, hidden=False)
def test_windows(windows, expect, np):
    x = np.arange(40.0).reshape(1, 1, 5, 8)
    cut = np.array(windows(x, (3, 2), (2, 3)))
    assert cut.shape == (1, 1, 2, 3, 3, 2), f'windows has shape {cut.shape}, see the drawing'
    expect(cut[0, 0, 0, 1], [[3.0, 4.0], [11.0, 12.0], [19.0, 20.0]], 'window [0, 1]')
    expect(cut[0, 0, 1, 2], [[22.0, 23.0], [30.0, 31.0], [38.0, 39.0]], 'window [1, 2]')

@test_case(points=None, hidden=False)
def test_overlap_add(overlap_add, expect, np):
    image = overlap_add(np.ones((1, 1, 2, 3, 3, 2)), (1, 1, 5, 8), (2, 3))
    counts = np.outer([1.0, 1.0, 2.0, 1.0, 1.0], [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    expect(image, counts[None, None], 'overlap_add', 'windows that overlap add up: += and not =')
    image = overlap_add(np.arange(8.0).reshape(1, 1, 2, 1, 2, 2), (1, 1, 5, 3), (2, 2))
    rows = [[0.0, 1.0, 0.0], [2.0, 3.0, 0.0], [4.0, 5.0, 0.0], [6.0, 7.0, 0.0], [0.0, 0.0, 0.0]]
    expect(image, [[rows]], 'overlap_add with rows left over', 'a pixel of no window is 0')
