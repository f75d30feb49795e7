from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_parameters(LeNet5, count_parameters, nn):
    count = count_parameters(nn.Linear(3, 5))
    assert count == 20, f'count_parameters gives {count} for nn.Linear(3, 5), expected 15 + 5'
    for name, size in [('conv1', 156), ('conv2', 2416), ('fc1', 48120), ('fc2', 10164)]:
        count = count_parameters(getattr(LeNet5(), name))
        assert count == size, f'{name} has {count} parameters, expected {size}'
    count = count_parameters(LeNet5())
    assert count == 61706, f'LeNet-5 has {count} parameters, expected 61706'

@test_case(points=None, hidden=False)
def test_forward(LeNet5, expect, np, torch):
    torch.manual_seed(0)
    model = LeNet5().double()
    ramp = torch.linspace(-1, 1, 28, dtype=torch.float64)
    images = torch.stack([ramp[:, None] * ramp, ramp[:, None] - ramp])[:, None]
    with torch.no_grad():
        for layer in (model.conv1, model.conv2, model.fc1, model.fc2, model.fc3):
            for parameter in (layer.weight, layer.bias):
                steps = torch.arange(parameter.numel(), dtype=torch.float64)
                parameter.copy_(torch.sin(steps.reshape(parameter.shape)) / 3)
        logits = model(images)
    assert logits.shape == (2, 10), f'the logits have shape {tuple(logits.shape)}, expected (2, 10)'
    remedy = 'compare with the drawing: where are the ReLUs, the pools, and is there a softmax?'
    some = [[3.257478517, -3.224448403, 0.224933702], [3.155133672, -3.154466892, 0.081366112]]
    expect(logits[:, [0, 4, 9]].numpy(), some, 'logits 0, 4 and 9 of two images', remedy)

@test_case(points=None, hidden=False)
def test_dropout(LeNet5, expect, np, torch):
    model, images = (LeNet5(dropout=1.0), torch.rand(2, 1, 28, 28))
    with torch.no_grad():
        quiet = model.eval()(images).double().numpy()
        noisy = model.train()(images).double().numpy()
        bias = model.fc3.bias.double().numpy()
    expect(noisy, np.stack([bias, bias]), 'logits with dropout=1.0 in train mode', 'only b is left')
    assert not np.allclose(quiet, bias), 'in eval mode nothing must be dropped'
