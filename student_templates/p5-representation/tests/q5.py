from otter.test_files import test_case

OK_FORMAT = False

name = "q5"
points = None

@test_case(points=None, hidden=False)
def test_step_and_prediction(classification_step, predict, expect, torch, nn, np):
    model = nn.Linear(2, 2)
    with torch.no_grad():
        model.weight.fill_(0.0)
        model.bias.fill_(0.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    x, y = (torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    expect(classification_step(model, optimizer, x, y), np.log(2), 'the loss of equal logits')
    expect(model.weight, [[0.25, -0.25], [-0.25, 0.25]], 'the weights after one step')
    guessed = predict(model, np.array([[1.0, 0.0], [0.0, 3.0], [2.0, 1.0]]))
    assert guessed.tolist() == [0, 1, 0], f'predicted {guessed.tolist()}, expected [0, 1, 0]'
