from otter.test_files import test_case

OK_FORMAT = False

name = "q2"
points = None

@test_case(points=None, hidden=False)
def test_error(reconstruction_error, expect, torch, nn):
    model = nn.Linear(2, 2)
    with torch.no_grad():
        model.weight.copy_(torch.eye(2))
        model.bias.copy_(torch.tensor([1.0, 3.0]))
    error = reconstruction_error(model, torch.zeros(4, 2))
    assert type(error) is float, f'the error is a {type(error).__name__}, expected a float: .item()'
    expect(error, 5.0, 'the error', '(1² + 3²) / 2, a mean over all elements')
    assert model.training, 'the model came in training mode and must leave so'

@test_case(points=None, hidden=False)
def test_two_steps(reconstruction_step, expect, torch, nn):
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.0)
        model.bias.fill_(0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.tensor([[1.0]])
    expect(reconstruction_step(model, optimizer, x), 1.0, 'the loss before the first step')
    expect(model.weight[0, 0], 0.2, 'w after one step', 'gradient -2, learning rate 0.1')
    expect(reconstruction_step(model, optimizer, x), 0.36, 'the loss before the second step')
    expect(model.weight[0, 0], 0.32, 'w after two steps', 'are the gradients cleared each time?')
