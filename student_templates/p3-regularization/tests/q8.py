from otter.test_files import test_case

OK_FORMAT = False

name = "q8"
points = None

@test_case(points=None, hidden=False)
def test_count(count_parameters):
    assert count_parameters([3, 2]) == 8, 'from 3 to 2: 3 · 2 weights and 2 biases are 8'
    count = count_parameters([784, 800, 10])
    assert count == 636010, f'784-800-10 has {count} parameters by your count, expected 636,010'

@test_case(points=None, hidden=False)
def test_modes(Network, Linear, Dropout, BatchNorm):
    layers = [Linear(4, 3), BatchNorm(3), Dropout(0.5), Linear(3, 2)]
    network = Network(layers)
    network.eval()
    flags = [network.training, layers[1].training, layers[2].training]
    assert flags == [False] * 3, f'training of network, BatchNorm, Dropout is {flags} after eval()'
    network.train()
    flags = [network.training, layers[1].training, layers[2].training]
    assert flags == [True] * 3, f'training of network, BatchNorm, Dropout is {flags} after train()'

@test_case(points=None, hidden=False)
def test_arrays(Network, Linear, ReLU, BatchNorm, np):
    first, norm = (Linear(4, 3), BatchNorm(3))
    arrays = Network([first, norm, ReLU()]).arrays()
    assert isinstance(arrays, list), 'arrays() returns a list'
    wanted = [first.W, first.b, norm.gamma, norm.beta, norm.running_mean, norm.running_var]
    names = ['W', 'b', 'gamma', 'beta', 'running_mean', 'running_var']
    assert len(arrays) == 6, f"{len(arrays)} arrays, expected 6: {', '.join(names)}"
    for array, own, name in zip(arrays, wanted, names, strict=True):
        assert np.shares_memory(array, own), f"expected the layer's own {name}, in this place"
