"""Plain loops over the windows; the layers do without the four functions of the first question."""

import numpy as np
import torch
import torch.nn as nn


def pad(x, padding, value=0.0):
    n, c, h, w = x.shape
    wide = np.empty((n, c, h + 2 * padding[0], w + 2 * padding[1]))
    wide[...] = value
    wide[:, :, padding[0] : padding[0] + h, padding[1] : padding[1] + w] = x
    return wide


def crop(x, padding):
    for axis, size in zip((2, 3), padding, strict=True):
        x = np.take(x, range(size, x.shape[axis] - size), axis=axis)
    return x


def corners(shape, kernel_size, stride):
    """Number and first pixel of each window."""
    rows = range(0, shape[2] - kernel_size[0] + 1, stride[0])
    columns = range(0, shape[3] - kernel_size[1] + 1, stride[1])
    return [((h, w), (top, left)) for h, top in enumerate(rows) for w, left in enumerate(columns)]


def windows(x, kernel_size, stride):
    kh, kw = kernel_size
    found = corners(x.shape, kernel_size, stride)
    (last_row, last_column), _ = found[-1]
    cut = np.zeros((*x.shape[:2], last_row + 1, last_column + 1, kh, kw))
    for (h, w), (top, left) in found:
        cut[:, :, h, w] = x[:, :, top : top + kh, left : left + kw]
    return cut


def overlap_add(pieces, shape, stride):
    kh, kw = pieces.shape[4:]
    image = np.zeros(shape)
    for h in range(pieces.shape[2]):
        for w in range(pieces.shape[3]):
            top, left = h * stride[0], w * stride[1]
            image[:, :, top : top + kh, left : left + kw] += pieces[:, :, h, w]
    return image


class Conv2d:
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        shape = (out_channels, in_channels, *kernel_size)
        fan_in = np.prod(shape[1:])
        self.W = np.random.default_rng(rng).standard_normal(shape) / fan_in**0.5
        self.b = np.zeros(out_channels)

    def forward(self, x):
        self.x = pad(x, self.padding)
        found = corners(self.x.shape, self.kernel_size, self.stride)
        rows, columns = (i + 1 for i in found[-1][0])
        kh, kw = self.kernel_size
        y = np.zeros((len(x), len(self.b), rows, columns))
        for n in range(len(x)):
            for k in range(len(self.b)):
                for (h, w), (top, left) in found:
                    window = self.x[n, :, top : top + kh, left : left + kw]
                    y[n, k, h, w] = (window * self.W[k]).sum() + self.b[k]
        return y

    def backward(self, grad_output):
        self.grad_W, self.grad_b = np.zeros_like(self.W), np.zeros_like(self.b)
        grad_x = np.zeros_like(self.x)
        kh, kw = self.kernel_size
        for n, k, h, w in np.ndindex(grad_output.shape):
            g = grad_output[n, k, h, w]
            top, left = h * self.stride[0], w * self.stride[1]
            self.grad_b[k] += g
            self.grad_W[k] += g * self.x[n, :, top : top + kh, left : left + kw]
            grad_x[n, :, top : top + kh, left : left + kw] += g * self.W[k]
        return crop(grad_x, self.padding)


class MaxPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, x):
        x = pad(x, self.padding, float("-inf"))
        self.shape, self.winners = x.shape, {}
        found = corners(x.shape, self.kernel_size, self.stride)
        y = np.zeros((*x.shape[:2], found[-1][0][0] + 1, found[-1][0][1] + 1))
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                for (h, w), (top, left) in found:
                    best = None
                    for i in range(top, top + self.kernel_size[0]):
                        for j in range(left, left + self.kernel_size[1]):
                            if best is None or x[n, c, i, j] > x[n, c, best[0], best[1]]:
                                best = (i, j)
                    y[n, c, h, w] = x[n, c, best[0], best[1]]
                    self.winners[n, c, h, w] = best
        return y

    def backward(self, grad_output):
        grad = np.zeros(self.shape)
        for (n, c, h, w), (i, j) in self.winners.items():
            grad[n, c, i, j] += grad_output[n, c, h, w]
        return crop(grad, self.padding)


class AvgPool2d:
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride

    def forward(self, x):
        x = pad(x, self.padding)
        self.shape = x.shape
        (kh, kw), found = self.kernel_size, corners(x.shape, self.kernel_size, self.stride)
        y = np.zeros((*x.shape[:2], found[-1][0][0] + 1, found[-1][0][1] + 1))
        for (h, w), (top, left) in found:
            y[:, :, h, w] = x[:, :, top : top + kh, left : left + kw].sum(axis=(2, 3)) / (kh * kw)
        return y

    def backward(self, grad_output):
        grad = np.zeros(self.shape)
        kh, kw = self.kernel_size
        for (h, w), (top, left) in corners(self.shape, self.kernel_size, self.stride):
            grad[:, :, top : top + kh, left : left + kw] += grad_output[:, :, h, w, None, None] / (
                kh * kw
            )
        return crop(grad, self.padding)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return np.array([image.flatten() for image in x], dtype=np.float64)

    def backward(self, grad_output):
        return np.array([row.reshape(self.shape[1:]) for row in grad_output])


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.p = dropout
        for name, layer in {
            "fc3": nn.Linear(84, 10),
            "fc2": nn.Linear(120, 84),
            "fc1": nn.Linear(16 * 5 * 5, 120),
            "conv2": nn.Conv2d(6, 16, kernel_size=(5, 5)),
            "conv1": nn.Conv2d(1, 6, kernel_size=(5, 5), padding="same"),
        }.items():
            self.add_module(name, layer)

    def forward(self, images):
        x = images
        for layer in (self.conv1, self.conv2):
            x = nn.functional.relu(nn.functional.max_pool2d(layer(x), kernel_size=2))
        x = x.reshape(x.shape[0], -1)
        for layer in (self.fc1, self.fc2):
            x = layer(x).clamp(min=0)
        return self.fc3(nn.functional.dropout(x, self.p, training=self.training))


def count_parameters(model):
    total = 0
    for parameter in model.parameters():
        size = 1
        for length in parameter.shape:
            size *= length
        total += size
    return total


def make_optimizer(model, lr, momentum):
    return torch.optim.SGD(list(model.parameters()), lr, momentum)


def train_step(model, optimizer, inputs, labels):
    model.train()
    logits = model(inputs)
    loss = -nn.functional.log_softmax(logits, dim=1)[torch.arange(len(labels)), labels].mean()
    for parameter in model.parameters():
        parameter.grad = None
    loss.backward()
    optimizer.step()
    return float(loss)


def evaluate(model, batches):
    mode = model.training
    model.eval()
    loss = right = count = 0
    with torch.inference_mode():
        for inputs, labels in batches:
            logits = model(inputs)
            loss += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
            right += (logits.max(dim=1).indices == labels).sum().item()
            count += len(labels)
    model.train(mode)
    return loss / count, right / count


def predict(model, inputs):
    model.eval()
    classes = []
    with torch.no_grad():
        for batch in inputs.split(100):
            logits = model(batch.to(next(model.parameters()).device))
            classes.extend(logits.argmax(1).tolist())
    return torch.tensor(classes)


def train(images, labels, seed, device="cpu"):
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    model = LeNet5(0.2).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    epochs = 22
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = 0.002 * (1 - epoch / epochs)
        order = torch.randperm(len(labels), generator=generator)
        for start in range(0, len(labels), 32):
            batch = order[start : start + 32]
            down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
            moved = torch.roll(images[batch], (down, right), (2, 3))
            train_step(model, optimizer, moved.to(device), labels[batch].to(device))
    return model
