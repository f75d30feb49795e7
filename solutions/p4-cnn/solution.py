"""The definitions of the solution of p4-cnn, made by `autograder build`."""

import numpy as np
import torch
import torch.nn as nn


def pad(x, padding, value=0.0):
    """x (N, C, H, W) -> float64 (N, C, H + 2 ph, W + 2 pw): x with `value` all around."""
    ph, pw = padding
    x = np.asarray(x, dtype=float)
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=value)


def crop(x, padding):
    """x (N, C, H + 2 ph, W + 2 pw) -> (N, C, H, W): what `pad` put around it is gone."""
    ph, pw = padding
    *_, rows, columns = x.shape
    return x[:, :, ph : rows - ph, pw : columns - pw]


def windows(x, kernel_size, stride):
    """x (N, C, H, W) -> (N, C, H_out, W_out, kh, kw): the windows of each channel."""
    sh, sw = stride
    everywhere = np.lib.stride_tricks.sliding_window_view(x, kernel_size, axis=(2, 3))
    return everywhere[:, :, ::sh, ::sw]


def overlap_add(pieces, shape, stride):
    """pieces (N, C, H_out, W_out, kh, kw), one per window -> their sum, an image.

    shape: (N, C, H, W) of the image that the windows were cut from, and of the result.
    """
    image = np.zeros(shape)
    rows, columns, kh, kw = pieces.shape[2:]
    sh, sw = stride
    for i in range(kh):
        for j in range(kw):
            image[:, :, i : i + sh * rows : sh, j : j + sw * columns : sw] += pieces[..., i, j]
    return image


class Conv2d:
    """A convolutional layer (cross-correlation, padded with zeros).

    Attributes: W (K, C, kh, kw) and b (K,); after `backward` also grad_W and grad_b.
    """

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        """C, K, (kh, kw), (sh, sw), (ph, pw); draw W from N(0, 1 / fan-in), b is zero."""
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        kh, kw = kernel_size
        spread = 1.0 / np.sqrt(in_channels * kh * kw)
        size = (out_channels, in_channels, kh, kw)
        self.W = np.random.default_rng(rng).normal(0.0, spread, size)
        self.b = np.zeros(out_channels)

    def forward(self, x):
        """x (N, C, H, W) -> y (N, K, H_out, W_out)."""
        padded = pad(x, self.padding)
        self._shape = padded.shape
        self._windows = windows(padded, self.kernel_size, self.stride)
        return np.einsum("nchwij,kcij->nkhw", self._windows, self.W) + self.b[:, None, None]

    def backward(self, grad_output):
        """grad_output (N, K, H_out, W_out) -> gradient by x (N, C, H, W); sets grad_W, grad_b."""
        self.grad_W = np.einsum("nkhw,nchwij->kcij", grad_output, self._windows)
        self.grad_b = np.einsum("nkhw->k", grad_output)
        pieces = np.einsum("nkhw,kcij->nchwij", grad_output, self.W)
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)


class MaxPool2d:
    """The largest value of each window of each channel; pads with -inf."""

    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        """(kh, kw), (sh, sw) or None for the kernel size, (ph, pw)."""
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = stride or kernel_size

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C, H_out, W_out)."""
        padded = pad(x, self.padding, -np.inf)
        self._shape = padded.shape
        cut = windows(padded, self.kernel_size, self.stride)
        rows = cut.reshape(*cut.shape[:4], -1)
        self._winners = rows.argmax(axis=-1)
        return rows.max(axis=-1)

    def backward(self, grad_output):
        """grad_output (N, C, H_out, W_out) -> gradient by x (N, C, H, W)."""
        kh, kw = self.kernel_size
        won = np.eye(kh * kw)[self._winners].reshape(*grad_output.shape, kh, kw)
        pieces = won * grad_output[..., None, None]
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)


class AvgPool2d:
    """The mean of each window of each channel; pads with zeros, which count."""

    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        """(kh, kw), (sh, sw) or None for the kernel size, (ph, pw)."""
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = stride or kernel_size

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C, H_out, W_out)."""
        padded = pad(x, self.padding)
        self._shape = padded.shape
        return windows(padded, self.kernel_size, self.stride).mean(axis=(-2, -1))

    def backward(self, grad_output):
        """grad_output (N, C, H_out, W_out) -> gradient by x (N, C, H, W)."""
        kh, kw = self.kernel_size
        pieces = grad_output[..., None, None] * np.full((kh, kw), 1.0 / (kh * kw))
        return crop(overlap_add(pieces, self._shape, self.stride), self.padding)


class Flatten:
    """(N, C, H, W) -> (N, C · H · W)."""

    def forward(self, x):
        """x (N, C, H, W) -> y (N, C · H · W)."""
        self._shape = x.shape
        return np.asarray(x, dtype=float).reshape(len(x), -1)

    def backward(self, grad_output):
        """grad_output (N, C · H · W) -> gradient by x (N, C, H, W)."""
        return grad_output.reshape(self._shape)


class LeNet5(nn.Module):
    """LeNet-5 for 28 × 28 images, with ReLU and maximum pooling.

    Attributes: conv1, conv2 (nn.Conv2d), fc1, fc2, fc3 (nn.Linear).
    """

    def __init__(self, dropout=0.0):
        """dropout: the probability of zeroing an input of fc3, in train mode."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images):
        """images (N, 1, 28, 28) -> logits (N, 10)."""
        x = nn.functional.max_pool2d(self.conv1(images).relu(), 2)
        x = nn.functional.max_pool2d(self.conv2(x).relu(), 2).flatten(1)
        x = self.fc2(self.fc1(x).relu()).relu()
        return self.fc3(self.dropout(x))


def count_parameters(model):
    """How many numbers an nn.Module learns, an int: the entries of all its parameters."""
    return sum(parameter.numel() for parameter in model.parameters())


def make_optimizer(model, lr, momentum):
    """Stochastic gradient descent with momentum (a torch optimizer) for the model's parameters."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)


def train_step(model, optimizer, inputs, labels):
    """One step in train mode; returns the cross-entropy before the step, a Python float."""
    model.train()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def evaluate(model, batches):
    """Mean cross-entropy and accuracy over all objects, in eval mode.

    batches: a list of pairs (inputs, labels) -> the tuple (loss, accuracy) of Python floats.
    """
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(inputs) for inputs, _ in batches])
    labels = torch.cat([labels for _, labels in batches])
    accuracy = (logits.argmax(dim=1) == labels).double().mean()
    return nn.functional.cross_entropy(logits, labels).item(), accuracy.item()


def predict(model, inputs):
    """The most probable class of each input, in eval mode: an int64 tensor (N,)."""
    model.eval()
    device = next(model.parameters()).device
    with torch.no_grad():
        return model(inputs.to(device)).argmax(dim=1).cpu()


def train(images, labels, seed, device="cpu"):
    """images (N, 1, 28, 28), labels (N,), both on the CPU -> a trained LeNet5 on the device."""
    torch.manual_seed(seed)
    epochs = 25
    model = LeNet5().to(device)
    images, labels = images.to(device), labels.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(32):
            shift = torch.randint(-1, 2, (2,)).tolist()
            train_step(model, optimizer, images[batch].roll(shift, (2, 3)), labels[batch])
        schedule.step()
    return model
