"""Tables of pixel numbers: windows are looked up in them, gradients counted by np.bincount."""

from functools import lru_cache

import numpy as np
import torch
import torch.nn as nn


@lru_cache
def table(height, width, kernel_size, stride):
    """Number of the pixel at each place of each window: (H_out, W_out, kh, kw)."""
    numbers = np.arange(height * width).reshape(height, width)
    kh, kw = kernel_size
    rows = range(0, height - kh + 1, stride[0])
    columns = range(0, width - kw + 1, stride[1])
    return np.array([[numbers[i : i + kh, j : j + kw] for j in columns] for i in rows])


def pad(x, padding, value=0.0):
    ph, pw = padding
    n, c, h, w = x.shape
    inside = np.zeros((h + 2 * ph, w + 2 * pw), dtype=bool)
    inside[ph : ph + h, pw : pw + w] = True
    wide = np.full((n, c, *inside.shape), value, dtype=np.float64)
    wide[..., inside] = x.reshape(n, c, -1)
    return wide


def crop(x, padding):
    ph, pw = padding
    inside = np.arange(ph, x.shape[2] - ph)[:, None], np.arange(pw, x.shape[3] - pw)
    return x[(slice(None), slice(None), *inside)]


def windows(x, kernel_size, stride):
    where = table(*x.shape[2:], tuple(kernel_size), tuple(stride))
    return x.reshape(*x.shape[:2], -1)[:, :, where]


def overlap_add(pieces, shape, stride):
    n, c, height, width = shape
    where = table(height, width, pieces.shape[4:], tuple(stride)).ravel()
    images = [
        np.bincount(where, weights=piece.ravel(), minlength=height * width)
        for piece in pieces.reshape(n * c, -1)
    ]
    return np.array(images).reshape(shape)


class Cutter:
    """Cuts, and remembers what it takes to glue."""

    def __init__(self, kernel_size, stride, padding, value=0.0):
        self.geometry, self.padding, self.value = (kernel_size, stride), padding, value

    def __call__(self, x):
        padded = pad(x, self.padding, self.value)
        self.shape = padded.shape
        return windows(padded, *self.geometry)

    def glue(self, pieces):
        return crop(overlap_add(pieces, self.shape, self.geometry[1]), self.padding)


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        rng = np.random.default_rng(rng)
        self.cutter = Cutter(kernel_size, stride, padding)
        self.W = rng.normal(0, 1, (out_channels, in_channels, kernel_size[0], kernel_size[1]))
        self.W *= (in_channels * kernel_size[0] * kernel_size[1]) ** -0.5
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.cut = self.cutter(x).transpose(1, 4, 5, 0, 2, 3)
        y = np.tensordot(self.W, self.cut, axes=3)
        return np.swapaxes(y, 0, 1) + self.b.reshape(1, -1, 1, 1)

    def backward(self, grad_output):
        upstream = grad_output.swapaxes(0, 1)
        self.grad_b = upstream.reshape(len(self.b), -1).sum(1)
        self.grad_W = np.tensordot(upstream, self.cut.transpose(3, 4, 5, 0, 1, 2), axes=3)
        pieces = np.tensordot(self.W.transpose(1, 2, 3, 0), upstream, axes=1)
        return self.cutter.glue(pieces.transpose(3, 0, 4, 5, 1, 2))


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.cutter = Cutter(kernel_size, stride or kernel_size, padding, -np.inf)

    def forward(self, x):
        cut = self.cutter(x)
        self.form = cut.shape
        cut = cut.reshape(*cut.shape[:4], -1)
        self.winner = cut.argmax(4, keepdims=True)
        return np.take_along_axis(cut, self.winner, 4)[..., 0]

    def backward(self, grad_output):
        pieces = np.zeros((*self.form[:4], self.form[4] * self.form[5]))
        np.put_along_axis(pieces, self.winner, grad_output[..., None], 4)
        return self.cutter.glue(pieces.reshape(self.form))


class AvgPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.cutter = Cutter(kernel_size, stride or kernel_size, padding)

    def forward(self, x):
        cut = self.cutter(x)
        self.form = cut.shape
        return cut.mean(5).mean(4)

    def backward(self, grad_output):
        area = self.form[4] * self.form[5]
        return self.cutter.glue(np.repeat(grad_output / area, area).reshape(self.form))


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.astype(np.float64).reshape((x.shape[0], x[0].size))

    def backward(self, grad_output):
        grad = grad_output.view()
        grad.shape = self.shape
        return grad


class Block(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return torch.nn.MaxPool2d(2)(torch.nn.ReLU()(self.layer(x)))


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, 1, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(400, 120), nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.network = nn.Sequential(
            Block(self.conv1),
            Block(self.conv2),
            nn.Flatten(),
            *(self.fc1, nn.ReLU(inplace=True), self.fc2, nn.ReLU(inplace=True)),
            nn.Dropout(dropout),
            self.fc3,
        )

    def forward(self, images):
        return self.network(images)


def count_parameters(model):
    return sum(p.nelement() for p in model.parameters() if p.requires_grad)


def make_optimizer(model, lr, momentum):
    named = dict(model.named_parameters())
    return torch.optim.SGD(named.values(), lr=lr, momentum=momentum, foreach=True)


def train_step(model, optimizer, inputs, labels):
    model.train()
    optimizer.zero_grad()

    def closure():
        loss = nn.functional.nll_loss(nn.functional.log_softmax(model(inputs), dim=-1), labels)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


def evaluate(model, batches):
    model.eval()
    total = torch.zeros(3, dtype=torch.float64)
    for inputs, labels in batches:
        with torch.no_grad():
            logits = model(inputs).double()
        loss = nn.functional.cross_entropy(logits, labels, reduction="sum")
        hits = logits.argmax(dim=1).eq(labels).sum()
        total += torch.stack([loss, hits, torch.tensor(len(labels), device=loss.device)]).cpu()
    loss, hits, count = total.tolist()
    return loss / count, hits / count


def predict(model, inputs):
    model.eval()
    device = model.parameters().__next__().device
    with torch.inference_mode():
        return model(inputs.to(device)).argmax(dim=-1).cpu()


def train(images, labels, seed, device="cpu"):
    torch.manual_seed(seed)
    model = LeNet5()
    model.to(device)
    images, labels = images.to(device), labels.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / 20)
    average = None
    for epoch in range(20):
        order = torch.randperm(len(images), device=device)
        for batch in torch.chunk(order, max(1, len(images) // 32)):
            shift = torch.randint(-1, 2, (2,))
            train_step(model, optimizer, images[batch].roll(shift.tolist(), (2, 3)), labels[batch])
        schedule.step()
        if epoch == 15:
            average = torch.optim.swa_utils.AveragedModel(model)
        elif epoch > 15:
            average.update_parameters(model)
    return average.module
