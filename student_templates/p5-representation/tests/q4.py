from otter.test_files import test_case

OK_FORMAT = False

name = "q4"
points = None

@test_case(points=None, hidden=False)
def test_classifier(Classifier, torch):
    model = Classifier(64, 16, 8, 10)
    assert model(torch.rand(3, 64)).shape == (3, 10), 'logits are (N, classes)'
    assert (model.backbone(torch.randn(50, 64)) >= 0).all(), 'the backbone ends in a ReLU'
    assert (model(torch.randn(50, 64)) < 0).any(), 'logits are not squashed'

@test_case(points=None, hidden=False)
def test_freeze_and_replace(Classifier, freeze, count_trainable, replace_head):
    model = Classifier(64, 16, 8, 10)
    total = 64 * 16 + 16 + 16 * 8 + 8
    assert count_trainable(model) == total + 90, 'weights and biases of all three layers'
    freeze(model.backbone)
    assert count_trainable(model) == 90, 'only the head is left'
    before = model.backbone[0].weight.clone()
    replace_head(model, 4)
    assert count_trainable(model) == 8 * 4 + 4, 'the new head is trainable, the backbone frozen'
    assert (model.backbone[0].weight == before).all(), 'the backbone keeps its weights'
    freeze(model.backbone, frozen=False)
    assert count_trainable(model) == total + 36, 'frozen=False lets everything learn again'
