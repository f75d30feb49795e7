"""The definitions of the solution of p5-representation, made by `autograder build`."""

import numpy as np
import torch
from torch import nn


def make_optimizer(model, lr):
    """Plain SGD over the parameters that can learn; given, leave it as it is."""
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=lr)


class Autoencoder(nn.Module):
    """d_in → hidden → width → hidden → d_in, with ReLUs behind the first and the third layer."""

    def __init__(self, d_in, hidden, width):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d_in, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.decoder = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, d_in))

    def encode(self, x):
        """Tensor x (N, d_in) -> the code (N, width)."""
        return self.encoder(x)

    def decode(self, z):
        """Tensor z (N, width) -> the image (N, d_in)."""
        return self.decoder(z)

    def forward(self, x):
        """Tensor x (N, d_in) -> its reconstruction (N, d_in)."""
        return self.decode(self.encode(x))


def reconstruction_error(model, images):
    """Tensor images (N, D) -> mean squared error as a float; the model is as it was afterwards."""
    training = model.training
    model.eval()
    with torch.no_grad():
        error = nn.functional.mse_loss(model(images), images).item()
    model.train(training)
    return error


def reconstruction_step(model, optimizer, images):
    """One step on a batch (a tensor); the loss before the update, a float."""
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(images), images)
    loss.backward()
    optimizer.step()
    return loss.item()


def train_autoencoder(images, width, seed, device="cpu"):
    """Array images (N, 64) -> a trained Autoencoder whose code has `width` numbers."""
    torch.manual_seed(seed)
    x = torch.tensor(images, dtype=torch.float32, device=device)
    model = Autoencoder(x.shape[1], 128, width).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    epochs = 60
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), device=device).split(32):
            reconstruction_step(model, optimizer, x[batch])
        schedule.step()
    return model


def reconstruct(model, images):
    """Array images (N, 64) -> their reconstructions, an array (N, 64); the model stays as it was."""
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    with torch.no_grad():
        made = model(torch.tensor(images, dtype=torch.float32, device=device))
    model.train(training)
    return made.cpu().numpy()


class Classifier(nn.Module):
    """backbone: d_in → hidden → features, ReLU behind both; head: features → classes."""

    def __init__(self, d_in, hidden, features, classes):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Linear(d_in, hidden), nn.ReLU(), nn.Linear(hidden, features), nn.ReLU()
        )
        self.head = nn.Linear(features, classes)

    def forward(self, x):
        """Tensor x (N, d_in) -> logits (N, classes)."""
        return self.head(self.backbone(x))


def freeze(module, frozen=True):
    """No parameter of the module is trained any more; with frozen=False all are again."""
    for parameter in module.parameters():
        parameter.requires_grad = not frozen


def count_trainable(model):
    """How many numbers an optimizer could change, an int."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def replace_head(model, classes):
    """Give the model a new Linear head for so many classes, trainable; the backbone stays."""
    old = model.head
    model.head = nn.Linear(old.in_features, classes).to(old.weight.device)


def classification_step(model, optimizer, images, labels):
    """One step on a batch: tensors images (N, D), labels (N,) of integers; the loss, a float."""
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def predict(model, images):
    """Array images (N, D) -> the likeliest class of each, an integer array (N,)."""
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor(images, dtype=torch.float32, device=device))
    model.train(training)
    return logits.argmax(dim=1).cpu().numpy()


def pretrain(images, labels, seed, device="cpu"):
    """Arrays images (N, 64), labels (N,) of 0 … 9 -> a trained Classifier."""
    torch.manual_seed(seed)
    x = torch.tensor(images, dtype=torch.float32, device=device)
    y = torch.tensor(labels, device=device)
    model = Classifier(x.shape[1], 128, 64, 10).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(30):
        for batch in torch.randperm(len(x), device=device).split(32):
            noise = 0.3 * torch.randn_like(x[batch])
            classification_step(model, optimizer, x[batch] + noise, y[batch])
    return model


def fine_tune(model, images, labels, classes, seed, device="cpu"):
    """The pretrained model, arrays of a few examples (N, 64), (N,) -> a model for the new task."""
    torch.manual_seed(seed)
    x = torch.tensor(images, dtype=torch.float32, device=device)
    y = torch.tensor(labels, device=device)
    replace_head(model, classes)
    for frozen, lr, epochs in [(True, 1e-2, 60), (False, 3e-4, 30)]:
        freeze(model.backbone, frozen)
        trainable = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(trainable, lr=lr, weight_decay=1e-3)
        for _ in range(epochs):
            for batch in torch.randperm(len(x), device=device).split(16):
                noise = 0.2 * torch.randn_like(x[batch])
                classification_step(model, optimizer, x[batch] + noise, y[batch])
    return model
