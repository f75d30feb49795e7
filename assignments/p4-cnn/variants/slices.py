"""Nothing is cut: shifted strided slices of the image, one for each place in the window."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, max_pool2d, relu
from torch.nn.functional import pad as pad_tensor


def pad(x, padding, value=0.0):
    pairs = [(0, 0), (0, 0), *((size, size) for size in padding)]
    return np.pad(np.array(x, float), pairs, "constant", constant_values=value)


def crop(x, padding):
    inside = [slice(size, -size if size else None) for size in padding]
    return x[(..., *inside)].copy()


def out_size(shape, kernel_size, stride):
    return [(n - k) // s + 1 for n, k, s in zip(shape[2:], kernel_size, stride, strict=True)]


def slices(shape, kernel_size, stride):
    """Place in the window, and the index of the pixels at that place of all windows."""
    rows, columns = out_size(shape, kernel_size, stride)
    for i, j in product(*map(range, kernel_size)):
        down = slice(i, i + (rows - 1) * stride[0] + 1, stride[0])
        right = slice(j, j + (columns - 1) * stride[1] + 1, stride[1])
        yield i, j, (slice(None), slice(None), down, right)


def windows(x, kernel_size, stride):
    size = out_size(x.shape, kernel_size, stride)
    strides = x.strides
    return np.lib.stride_tricks.as_strided(
        x,
        (*x.shape[:2], *size, *kernel_size),
        (*strides[:2], strides[2] * stride[0], strides[3] * stride[1], *strides[2:]),
    )


def overlap_add(pieces, shape, stride):
    image = np.zeros(shape)
    step = (stride[0] * (pieces.shape[2] - 1), stride[1] * (pieces.shape[3] - 1))
    used = (*shape[:2], step[0] + pieces.shape[4], step[1] + pieces.shape[5])
    for i, j, index in slices(used, pieces.shape[4:], stride):
        image[index] += pieces[:, :, :, :, i, j]
    return image


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        random = np.random.default_rng(rng)
        self.settings = kernel_size, stride
        self.padding = padding
        variance = 1 / (in_channels * np.prod(kernel_size))
        self.W = random.normal(scale=variance**0.5, size=(out_channels, in_channels, *kernel_size))
        self.b = np.zeros(out_channels)
        self.grad_W, self.grad_b = np.empty_like(self.W), np.empty_like(self.b)

    def forward(self, x):
        self.x = pad(x, self.padding)
        size = out_size(self.x.shape, *self.settings)
        y = np.tile(self.b[:, None, None], (len(x), 1, *size))
        for i, j, index in slices(self.x.shape, *self.settings):
            y += np.tensordot(self.W[:, :, i, j], self.x[index], ([1], [1])).swapaxes(0, 1)
        return y

    def backward(self, grad_output):
        np.sum(grad_output, axis=(0, 2, 3), out=self.grad_b)
        grad_x = np.zeros(self.x.shape)
        for i, j, index in slices(self.x.shape, *self.settings):
            part = self.x[index]
            self.grad_W[:, :, i, j] = np.tensordot(grad_output, part, ([0, 2, 3], [0, 2, 3]))
            grad_x[index] += np.tensordot(grad_output, self.W[:, :, i, j], ([1], [0])).transpose(
                0, 3, 1, 2
            )
        return crop(grad_x, self.padding)


@dataclass
class MaxPool2d:
    kernel_size: tuple
    stride: tuple = None
    padding: tuple = (0, 0)
    winner: np.ndarray = field(default=None, repr=False)

    def __post_init__(self):
        self.stride = self.stride or self.kernel_size

    def forward(self, x):
        x = pad(x, self.padding, -np.inf)
        self.shape, best = x.shape, None
        for number, (_, _, index) in enumerate(slices(x.shape, self.kernel_size, self.stride)):
            if best is None:
                best = x[index].copy()
                self.winner = np.zeros(best.shape, int)
            else:
                larger = x[index] > best
                best[larger] = x[index][larger]
                self.winner[larger] = number
        return best

    def backward(self, grad_output):
        grad = np.zeros(self.shape)
        for number, (_, _, index) in enumerate(slices(grad.shape, self.kernel_size, self.stride)):
            grad[index] += np.where(self.winner == number, grad_output, 0.0)
        return crop(grad, self.padding)


class AvgPool2d:
    """A convolution of each channel with itself alone, by one and the same kernel."""

    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.layer = Conv2d(1, 1, kernel_size, stride or kernel_size, padding)
        self.layer.W[...] = 1 / self.layer.W.size

    def forward(self, x):
        self.channels = x.shape[:2]
        y = self.layer.forward(x.reshape(-1, 1, *x.shape[2:]))
        return y.reshape(*self.channels, *y.shape[2:])

    def backward(self, grad_output):
        grad = self.layer.backward(grad_output.reshape(-1, 1, *grad_output.shape[2:]))
        return grad.reshape(*self.channels, *grad.shape[2:])


class Flatten:
    def forward(self, x):
        flat = x.reshape(x.shape[0], -1) * 1.0
        self.unflatten = lambda g, shape=x.shape: np.reshape(g, shape)
        return flat

    def backward(self, grad_output):
        return self.unflatten(grad_output)


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = map(nn.Linear, (400, 120, 84), (120, 84, 10))
        self.drop = nn.Dropout(p=dropout)

    def forward(self, images):
        first = max_pool2d(relu(self.conv1(pad_tensor(images, (2, 2, 2, 2)))), 2)
        second = max_pool2d(relu(self.conv2(first)), 2)
        hidden = relu(self.fc1(second.view(-1, 400)))
        return self.fc3(self.drop(relu(self.fc2(hidden))))


def count_parameters(model):
    return sum(map(torch.numel, model.parameters()))


class Momentum(torch.optim.Optimizer):
    """Written out: v ← ρ v + g, w ← w − lr v."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state = self.state[parameter]
                    old = state.get("v", torch.zeros_like(parameter))
                    state["v"] = group["momentum"] * old + parameter.grad
                    parameter -= group["lr"] * state["v"]


def make_optimizer(model, lr, momentum):
    return Momentum(model.parameters(), {"lr": lr, "momentum": momentum})


def train_step(model, optimizer, inputs, labels):
    model.train(True)
    optimizer.zero_grad()
    with torch.enable_grad():
        loss = cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, batches):
    model.train(False)
    with torch.no_grad():
        pairs = [(model(inputs), labels) for inputs, labels in batches]
    logits, labels = (torch.cat(parts) for parts in zip(*pairs, strict=True))
    right = (logits.argmax(1) == labels).sum().item()
    return cross_entropy(logits, labels).item(), right / len(labels)


def predict(model, inputs):
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(x[None].to(model_device(model))) for x in inputs])
    return logits.softmax(dim=1).max(dim=1)[1].to("cpu")


def model_device(model):
    return next(p.device for p in model.parameters())


def train(images, labels, seed, device="cpu"):
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = LeNet5().to(device)
    optimizer = make_optimizer(model, lr=0.05, momentum=0.9)
    steps = 1100
    count = len(images)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 0.05 * min(1.0, 10 * step / steps) * (1 - step / steps)
        start = step * 32 % count
        if start < 32:
            order = torch.from_numpy(random.permutation(count))
        batch = order[start : start + 32]
        shift = tuple(random.integers(-1, 2, 2).tolist())
        inputs = torch.roll(images[batch], shift, dims=(-2, -1))
        train_step(model, optimizer, inputs.to(device), labels[batch].to(device))
    return model
