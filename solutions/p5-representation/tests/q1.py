from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = None

@test_case(points=None, hidden=False)
def test_shapes_and_parameters(Autoencoder, torch):
    model = Autoencoder(64, 32, 5)
    count = sum((p.numel() for p in model.parameters()))
    assert count == 64 * 32 + 32 + 32 * 5 + 5 + 5 * 32 + 32 + 32 * 64 + 64, f'the model has {count} parameters: four Linear layers with biases, registered as attributes'
    x = torch.rand(7, 64)
    assert model.encode(x).shape == (7, 5), 'encode gives (N, width)'
    assert model(x).shape == (7, 64), 'forward gives images again'
    assert (model.encode(torch.randn(200, 64)) < 0).any(), 'there is no ReLU behind the code'

@test_case(points=None, hidden=False)
def test_forward_is_decode_of_encode(Autoencoder, expect, torch):
    model, x = (Autoencoder(64, 32, 5), torch.rand(7, 64))
    expect(model(x), model.decode(model.encode(x)).detach(), 'forward')
