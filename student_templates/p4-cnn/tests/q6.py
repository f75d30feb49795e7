from otter.test_files import test_case

OK_FORMAT = False

name = "q6"
points = None

@test_case(points=None, hidden=False)
def test_two_steps(make_optimizer, train_step, expect, np, torch, nn):
    model = nn.Linear(2, 2, bias=False)
    model.weight.data.zero_()
    optimizer = make_optimizer(model, 1.0, 0.5)
    inputs, labels = (torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([0, 0]))
    loss = train_step(model, optimizer, inputs[:1], labels[:1])
    expect(loss, np.float32(np.log(2)), 'the loss of the first step', 'before the step, a float')
    weight = [[1.0, 0.0], [-1.0, 0.0]]
    expect(model.weight.detach().double().numpy(), weight, 'the weights after one step')
    loss = train_step(model, optimizer, inputs[1:], labels[1:])
    expect(loss, np.float32(np.log(2)), 'the loss of the second step')
    weight = [[1.5, 2.0], [-1.5, -2.0]]
    remedy = 'zero_grad, backward, step, in this order; and half of the first step goes on'
    expect(model.weight.detach().double().numpy(), weight, 'the weights after two steps', remedy)

@test_case(points=None, hidden=False)
def test_evaluate_and_predict(evaluate, predict, expect, np, torch, nn):
    model = nn.Linear(2, 2, bias=False)
    model.weight.data.copy_(torch.eye(2) * np.log(3.0))
    inputs = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    batches = [(inputs[:3], torch.tensor([0, 1, 0])), (inputs[3:], torch.tensor([1]))]
    loss, accuracy = evaluate(model, batches)
    mean = (2 * np.log(4 / 3) + np.log(2) + np.log(4)) / 4
    expect(loss, np.float64(np.float32(mean)), 'the loss', 'the mean over all 4 objects')
    expect(accuracy, 0.75, 'the accuracy', '3 of all 4 objects are right')
    classes = predict(model, inputs[[1, 0, 3]])
    assert classes.tolist() == [1, 0, 0], f'predict gives {classes.tolist()}, expected [1, 0, 0]'

@test_case(points=None, hidden=False)
def test_modes(make_optimizer, train_step, evaluate, predict, torch, nn):

    class Spy(nn.Linear):

        def forward(self, inputs):
            seen.append(self.training)
            return super().forward(inputs)
    seen, model = ([], Spy(3, 2))
    inputs, labels = (torch.ones(4, 3), torch.tensor([0, 1, 1, 0]))
    evaluate(model, [(inputs, labels)])
    train_step(model, make_optimizer(model, 0.1, 0.9), inputs, labels)
    predict(model, inputs)
    remedy = 'switch by model.train() and model.eval() before the model is used'
    assert seen == [False, True, False], 'evaluate, train_step, predict use a wrong mode: ' + remedy
