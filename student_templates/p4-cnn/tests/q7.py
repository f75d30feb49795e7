from otter.test_files import test_case

OK_FORMAT = False

name = "q7"
points = None

@test_case(points=None, hidden=False)
def test_training_on_few_digits(train, predict, train_images, train_labels, torch):
    images, place = (train_images[:300], train_labels[:300].argsort())
    model = train(images[place], train_labels[:300][place], 1, 'cpu')
    right = (predict(model, train_images[300:]) == train_labels[300:]).double().mean()
    assert right > 0.7, f'after training on 300 digits, sorted by class, {right:.3f} of the others are right, expected more than 0.7: are the images shuffled, together with their labels?'
    again = train(images[place], train_labels[:300][place], 1, 'cpu')
    same = all(map(torch.equal, model.parameters(), again.parameters()))
    assert same, 'two trainings with the same seed differ: torch.manual_seed(seed) comes first'
