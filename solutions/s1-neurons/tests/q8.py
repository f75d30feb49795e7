from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_batches(batches, np):
    found = [list(map(int, batch)) for batch in batches(7, 3)]
    assert found == [[0, 1, 2], [3, 4, 5], [6]], f'batches(7, 3) gives {found}, expected [[0, 1, 2], [3, 4, 5], [6]]'
    shuffled = np.concatenate(batches(50, 8, 1))
    assert sorted(shuffled.tolist()) == list(range(50)), 'the shuffled batches should hold each of the indices 0 … 49 once'
    assert shuffled.tolist() != list(range(50)), 'with a seed the order should be random'
    again = np.concatenate(batches(50, 8, 1))
    assert np.array_equal(shuffled, again), 'equal seeds should give equal batches'
    generator = np.random.default_rng(1)
    first, second = (batches(50, 8, generator), batches(50, 8, generator))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second)), 'two epochs with one generator should see two orders'

@test_case(points=None, hidden=False)
def test_training_in_order(train, expect_items, expect, np):
    X, y = (np.array([[2.0], [1.0], [0.0]]), np.array([3.0, 1.0, 3.0]))
    names = ['full batch', 'online', 'mini-batches of 2']
    results = [([5 / 3], 0.0, [8 / 3, 2.0, 43 / 27]), ([0.5], 1.75, [8 / 3, 2.0, 17 / 32]), ([0.5], 1.5, [8 / 3, 2.0, 7 / 12])]
    for name, batch_size, (w, b, history) in zip(names, [3, 1, 2], results, strict=True):
        answer = train(X, y, np.array([2.0]), -1.0, 0.5, 2, batch_size)
        expect_items(answer, ['w', 'b', 'history'], 'train')
        remedy = 'one delta_step for each batch, each from the weights that the last one left'
        expect(answer[0], w, f'w ({name})', remedy)
        expect(answer[1], b, f'b ({name})', remedy)
        assert len(answer[2]) == 3, 'history should have epochs + 1 items: begin with the risk at w'
        remedy = 'the risk over all objects, before the first epoch and after each one'
        expect(np.array(answer[2]), history, f'history ({name})', remedy)

@test_case(points=None, hidden=False)
def test_training_in_random_order(train, expect, np):
    X, y = (np.array([[1.0], [2.0], [-1.0], [0.5]]), np.array([2.0, 1.0, 1.0, -3.0]))
    w = np.zeros(1)
    results = [train(X, y, w, 0.0, 0.5, 2, 1, seed)[0] for seed in (*range(8), 0)]
    expect(results[8], results[0], 'w of a second run with the same seed')
    assert len({float(result[0]) for result in results}) > 1, 'online training ends at the same weights for every seed: is the order ever shuffled?'
    assert w[0] == 0.0, 'train has changed the w that it was given'
    in_order = train(X, y, w, 0.0, 0.5, 2, 4)[0]
    expect(train(X, y, w, 0.0, 0.5, 2, 4, 1)[0], in_order, 'w of a full batch in another order')
