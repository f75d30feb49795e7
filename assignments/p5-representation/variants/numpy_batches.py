"""Batches drawn by numpy, AdamW, inference_mode, OrderedDict."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def make_optimizer(model, lr):
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)


def mlp(a, b, c):
    return nn.Sequential(
        OrderedDict([("first", nn.Linear(a, b)), ("act", nn.ReLU()), ("second", nn.Linear(b, c))])
    )


class Autoencoder(nn.Module):
    def __init__(self, d_in, hidden, width):
        super().__init__()
        self.decoder = mlp(width, hidden, d_in)
        self.encoder = mlp(d_in, hidden, width)

    def encode(self, x):
        return self.encoder(x)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Evaluating:
    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.was = self.model.training
        self.model.eval()

    def __exit__(self, *_):
        self.model.train(self.was)


@torch.inference_mode()
def reconstruction_error(model, images):
    with Evaluating(model):
        return float(((model(images) - images) ** 2).mean())


def update(model, optimizer, loss_of):
    model.train(True)
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = None
    loss = loss_of(model)
    value = float(loss.detach())
    loss.backward()
    optimizer.step()
    return value


def reconstruction_step(model, optimizer, images):
    return update(model, optimizer, lambda m: functional.mse_loss(m(images), images))


def classification_step(model, optimizer, images, labels):
    return update(
        model,
        optimizer,
        lambda m: functional.nll_loss(functional.log_softmax(m(images), dim=-1), labels),
    )


def batches(n, size, epochs, rng):
    for _ in range(epochs):
        order = rng.permutation(n)
        yield from (order[i : i + size] for i in range(0, n, size))


def train_autoencoder(images, width, seed, device="cpu"):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    data = torch.from_numpy(np.asarray(images, dtype="float32")).to(device)
    model = Autoencoder(data.shape[-1], 160, width).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    epochs = 60
    for step, chosen in enumerate(batches(len(data), 32, epochs, rng)):
        progress = step * 32 / (epochs * len(data))
        optimizer.param_groups[0]["lr"] = 4e-3 * (1 - 0.97 * progress)
        reconstruction_step(model, optimizer, data[torch.from_numpy(chosen).to(device)])
    return model.eval()


def reconstruct(model, images):
    where = next(iter(model.parameters())).device
    with Evaluating(model), torch.inference_mode():
        out = model(torch.as_tensor(np.array(images), dtype=torch.float32).to(where))
    return out.cpu().numpy().astype(np.float64)


class Classifier(nn.Module):
    def __init__(self, d_in, hidden, features, classes):
        super().__init__()
        layers = [nn.Linear(d_in, hidden), nn.ReLU(), nn.Linear(hidden, features), nn.ReLU()]
        self.backbone = nn.Sequential(*layers)
        self.head = nn.Linear(features, classes)

    def forward(self, x):
        features = self.backbone(x)
        return self.head(features)


def freeze(module, frozen=True):
    module.requires_grad_(not frozen)


def count_trainable(model):
    return int(np.sum([np.prod(p.shape) for p in model.parameters() if p.requires_grad], dtype=int))


def replace_head(model, classes):
    fresh = nn.Linear(model.head.weight.shape[1], classes)
    model.add_module("head", fresh.to(model.head.bias.device))


@torch.inference_mode()
def predict(model, images):
    where = next(iter(model.parameters())).device
    with Evaluating(model):
        logits = model(torch.as_tensor(np.array(images), dtype=torch.float32).to(where))
    return torch.max(logits, 1).indices.cpu().numpy()


def fit(model, x, y, size, epochs, lr, noise, rng, device, decay=0.0):
    learners = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learners, lr=lr, weight_decay=decay)
    for chosen in batches(len(x), size, epochs, rng):
        noisy = x[chosen] + noise * rng.standard_normal(x[chosen].shape)
        rows = torch.as_tensor(noisy, dtype=torch.float32, device=device)
        classification_step(
            model, optimizer, rows, torch.as_tensor(y[chosen], dtype=torch.long, device=device)
        )


def pretrain(images, labels, seed, device="cpu"):
    torch.manual_seed(seed)
    model = Classifier(images.shape[1], 100, 80, 10).to(device)
    fit(model, images, labels, 50, 40, 2e-3, 0.35, np.random.default_rng(seed), device)
    return model


def fine_tune(model, images, labels, classes, seed, device="cpu"):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    replace_head(model, classes)
    freeze(model.backbone)
    fit(model, images, labels, 10, 60, 1e-2, 0.2, rng, device, 1e-2)
    freeze(model.backbone, False)
    fit(model, images, labels, 10, 15, 3e-4, 0.2, rng, device, 1e-2)
    return model
