"""Views of one flat array of parameters, windows that are written into, layers of closures."""

import copy

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

F64 = np.float64


def pad(x, padding, value=0.0):
    if padding == (0, 0):
        return np.asarray(x, F64)
    (ph, pw), (n, c, h, w) = padding, np.shape(x)
    out = np.full((n, c, h + 2 * ph, w + 2 * pw), value, F64)
    crop(out, padding)[:] = x
    return out


def crop(x, padding):
    ph, pw = padding
    return x[..., ph : x.shape[-2] - ph, pw : x.shape[-1] - pw]


def windows(x, kernel_size, stride):
    sh, sw = stride
    return sliding_window_view(x, tuple(kernel_size), (-2, -1))[..., ::sh, ::sw, :, :]


def overlap_add(pieces, shape, stride):
    image = np.zeros(shape)
    target = sliding_window_view(image, pieces.shape[4:], (2, 3), writeable=True)
    target = target[:, :, :: stride[0], :: stride[1]]
    for i in range(pieces.shape[4]):
        for j in range(pieces.shape[5]):
            target[..., i, j] += pieces[..., i, j]
    return image


def linear_layer(cut, paste):
    """forward and backward made of a pair of functions."""
    memory = {}

    def forward(x):
        memory["shape"] = x.shape
        return cut(x)

    def backward(grad_output):
        return paste(grad_output, memory["shape"])

    return forward, backward


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        generator = np.random.default_rng(rng)
        self.stride, self.padding = stride, padding
        size = in_channels * kernel_size[0] * kernel_size[1]
        self.flat = np.zeros((size + 1) * out_channels)
        generator.standard_normal(out=self.flat[:-out_channels])
        self.flat /= np.sqrt(size)
        self.flat_grad = np.full_like(self.flat, np.nan)
        shape = (out_channels, in_channels, *kernel_size)
        self.W, self.b = self.split(self.flat, shape)
        self.grad_W, self.grad_b = self.split(self.flat_grad, shape)

    @staticmethod
    def split(flat, shape):
        return flat[: -shape[0]].reshape(shape), flat[-shape[0] :]

    def forward(self, x):
        self.x = np.array(x, dtype=F64)
        cut = windows(pad(self.x, self.padding), self.W.shape[2:], self.stride)
        n, _, h, w = cut.shape[:4]
        rows = np.rollaxis(cut, 1, 4).reshape(n * h * w, -1)
        y = rows @ self.W.reshape(len(self.W), -1).T
        y += self.b
        return np.rollaxis(y.reshape(n, h, w, -1), 3, 1)

    def backward(self, grad_output):
        padded = pad(self.x, self.padding)
        cut = windows(padded, self.W.shape[2:], self.stride)
        np.einsum("nkhw->k", grad_output, out=self.grad_b)
        self.grad_W[...] = np.tensordot(grad_output, cut, axes=((0, 2, 3), (0, 2, 3)))
        pieces = np.moveaxis(np.tensordot(grad_output, self.W, axes=(1, 0)), 3, 1)
        return crop(overlap_add(pieces, padded.shape, self.stride), self.padding)


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.args = kernel_size, kernel_size if stride is None else stride
        self.padding = padding

    def forward(self, x):
        x = pad(x, self.padding, -np.inf)
        self.shape = x.shape
        cut = windows(x, *self.args)
        y = cut.max(axis=(4, 5))
        hit = (cut == y[..., None, None]).reshape(*y.shape, -1)
        hit &= np.cumsum(hit, axis=-1) == 1
        self.hit = hit.reshape(cut.shape)
        return y

    def backward(self, grad_output):
        pieces = np.where(self.hit, np.asarray(grad_output)[..., None, None], 0)
        return crop(overlap_add(pieces, self.shape, self.args[1]), self.padding)


class AvgPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        stride = stride or kernel_size
        area = kernel_size[0] * kernel_size[1]

        def cut(x):
            return windows(pad(x, padding), kernel_size, stride).sum(axis=(4, 5)) / area

        def paste(g, shape):
            n, c, h, w = shape
            wide = (n, c, h + 2 * padding[0], w + 2 * padding[1])
            pieces = np.broadcast_to(g[..., None, None] / area, (*g.shape, *kernel_size))
            return crop(overlap_add(pieces, wide, stride), padding)

        self.forward, self.backward = linear_layer(cut, paste)


class Flatten:
    def __init__(self):
        self.forward, self.backward = linear_layer(
            lambda x: np.asarray(x, F64).reshape(x.shape[0], -1), lambda g, shape: g.reshape(shape)
        )


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0):
        nn.Module.__init__(self)
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2, padding_mode="zeros")
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.rate = dropout

    def forward(self, images):
        x = images
        for conv in self.conv1, self.conv2:
            x = nn.functional.max_pool2d(conv(x), 2, stride=2).relu_()
        x = torch.flatten(x, 1)
        for fc in self.fc1, self.fc2:
            x = torch.nn.functional.relu(fc(x), inplace=True)
        if self.training and self.rate > 0:
            keep = torch.rand_like(x) >= self.rate
            x = x * keep / max(1 - self.rate, 1e-9)
        return self.fc3(x)


def count_parameters(model):
    return sum(np.prod(p.shape).item() for p in model.parameters())


def make_optimizer(model, lr, momentum):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for group in optimizer.param_groups:
        group["momentum"] = momentum
    return optimizer


def train_step(model, optimizer, inputs, labels):
    model.zero_grad()
    logits = model.train()(inputs)
    picked = logits.gather(1, labels[:, None]).squeeze(1)
    loss = torch.mean(logits.logsumexp(dim=1) - picked)
    torch.autograd.backward(loss)
    optimizer.step()
    return loss.tolist()


def evaluate(model, batches):
    judge = copy.deepcopy(model).eval()
    losses, hits = [], []
    for inputs, labels in batches:
        logits = judge(inputs).detach()
        losses += nn.functional.cross_entropy(logits, labels, reduction="none").tolist()
        hits += (logits.argmax(dim=1) == labels).tolist()
    return sum(losses) / len(losses), sum(hits) / len(hits)


def predict(model, inputs):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = model(inputs.to(next(model.parameters()).device))
    model.train(was_training)
    return logits.cpu().numpy().argmax(axis=1)


def train(images, labels, seed, device="cpu"):
    torch.manual_seed(seed)
    model = LeNet5(dropout=0.1).to(device)
    model.losses = []
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-5)
    for epoch in range(22):
        if epoch in (14, 19):
            optimizer.param_groups[0]["lr"] /= 4
        shuffled = torch.randperm(len(images))
        moved = torch.stack(
            [
                image.roll(tuple(shift), (1, 2))
                for image, shift in zip(
                    images[shuffled], torch.randint(-1, 2, (len(images), 2)).tolist(), strict=True
                )
            ]
        )
        for inputs, answers in zip(moved.split(32), labels[shuffled].split(32), strict=True):
            model.losses.append(train_step(model, optimizer, inputs.to(device), answers.to(device)))
    return model
