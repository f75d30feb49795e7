"""Matrices: im2col and col2im by index arrays and np.add.at, products with @."""

import numpy as np
import torch
from torch import nn, optim


def pad(x, padding, value=0.0):
    for axis, size in ((2, padding[0]), (3, padding[1])):
        shape = list(x.shape)
        shape[axis] = size
        edge = np.full(shape, float(value))
        x = np.concatenate([edge, x, edge], axis=axis)
    return x


def crop(x, padding):
    _, _, h, w = x.shape
    return x[:, :, slice(padding[0], h - padding[0]), slice(padding[1], w - padding[1])]


def indices(shape, kernel_size, stride):
    """Row and column in the image of each pixel of each window."""
    tops = np.arange(0, shape[2] - kernel_size[0] + 1, stride[0])
    lefts = np.arange(0, shape[3] - kernel_size[1] + 1, stride[1])
    rows = tops[:, None, None, None] + np.arange(kernel_size[0])[:, None]
    columns = lefts[None, :, None, None] + np.arange(kernel_size[1])
    return rows, columns


def windows(x, kernel_size, stride):
    rows, columns = indices(x.shape, kernel_size, stride)
    return x[:, :, rows, columns]


def overlap_add(pieces, shape, stride):
    image = np.zeros(shape)
    rows, columns = indices(shape, pieces.shape[4:], stride)
    size = pieces.shape
    rows, columns = rows[: size[2]], columns[:, : size[3]]
    np.add.at(image, (slice(None), slice(None), rows, columns), pieces)
    return image


class Windowed:
    """What the layers have in common: padding, cutting, and the way back."""

    def __init__(self, kernel_size, stride, padding, value=0.0):
        self.kernel_size, self.stride, self.padding, self.value = (
            kernel_size,
            stride,
            padding,
            value,
        )

    def cut(self, x):
        padded = pad(np.asarray(x, dtype=np.float64), self.padding, self.value)
        self.padded_shape = padded.shape
        return windows(padded, self.kernel_size, self.stride)

    def paste(self, pieces):
        return crop(overlap_add(pieces, self.padded_shape, self.stride), self.padding)


class Conv2d(Windowed):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=(1, 1), padding=(0, 0), rng=None
    ):
        super().__init__(kernel_size, stride, padding)
        self.fan_in = in_channels * kernel_size[0] * kernel_size[1]
        draws = np.random.default_rng(rng).normal(size=(out_channels, self.fan_in))
        self.W = (draws / np.sqrt(self.fan_in)).reshape(out_channels, in_channels, *kernel_size)
        self.b = np.zeros((out_channels,))

    @property
    def matrix(self):
        return self.W.reshape(len(self.W), -1)

    def forward(self, x):
        cut = self.cut(x)
        self.places = cut.shape[0], cut.shape[2], cut.shape[3]
        self.rows = cut.transpose(0, 2, 3, 1, 4, 5).reshape(-1, self.fan_in)
        y = self.rows @ self.matrix.T + self.b
        return y.reshape(*self.places, -1).transpose(0, 3, 1, 2)

    def backward(self, grad_output):
        flat = np.moveaxis(grad_output, 1, -1).reshape(-1, len(self.W))
        self.grad_W = (flat.T @ self.rows).reshape(self.W.shape)
        self.grad_b = np.ones(len(flat)) @ flat
        pieces = (flat @ self.matrix).reshape(*self.places, *self.W.shape[1:])
        return self.paste(pieces.transpose(0, 3, 1, 2, 4, 5))


class MaxPool2d(Windowed):
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        super().__init__(kernel_size, stride or kernel_size, padding, -np.inf)

    def forward(self, x):
        cut = self.cut(x)
        self.shape = cut.shape
        flat = cut.reshape(-1, cut.shape[4] * cut.shape[5])
        self.where = np.arange(len(flat)), np.argmax(flat, axis=1)
        return flat[self.where].reshape(cut.shape[:4])

    def backward(self, grad_output):
        pieces = np.zeros((np.prod(self.shape[:4]), self.shape[4] * self.shape[5]))
        pieces[self.where] = grad_output.ravel()
        return self.paste(pieces.reshape(self.shape))


class AvgPool2d(Windowed):
    def __init__(self, kernel_size, stride=None, padding=(0, 0)):
        super().__init__(kernel_size, stride or kernel_size, padding)

    def forward(self, x):
        cut = self.cut(x)
        self.shape = cut.shape
        return np.einsum("nchwij->nchw", cut) / (cut.shape[4] * cut.shape[5])

    def backward(self, grad_output):
        share = (grad_output / (self.shape[4] * self.shape[5]))[..., None, None]
        return self.paste(np.broadcast_to(share, self.shape))


class Flatten:
    def forward(self, x):
        n, *self.rest = np.shape(x)
        return np.array(x, dtype=float).reshape(n, np.prod(self.rest))

    def backward(self, grad_output):
        return grad_output.reshape(-1, *self.rest)


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.features = nn.Sequential(
            nn.ZeroPad2d(2),
            nn.Conv2d(1, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d((2, 2)),
            nn.Flatten(),
        )
        self.head = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Dropout(dropout)
        )
        self.fc3 = nn.Linear(84, 10)
        self.conv1, self.conv2 = self.features[1], self.features[4]

    @property
    def fc1(self):
        return self.head[0]

    @property
    def fc2(self):
        return self.head[2]

    def forward(self, images):
        return self.fc3(self.head(self.features(images)))


def count_parameters(model):
    return int(nn.utils.parameters_to_vector(model.parameters()).numel())


def make_optimizer(model, lr, momentum):
    return optim.SGD([{"params": model.parameters(), "lr": lr}], lr=1.0, momentum=momentum)


def train_step(model, optimizer, inputs, labels):
    model.train()
    loss = nn.CrossEntropyLoss()(model(inputs), labels)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.detach().cpu().numpy().item()


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    losses, hits, sizes = [], [], []
    for inputs, labels in batches:
        logits = model(inputs)
        losses.append(nn.functional.cross_entropy(logits, labels).item())
        hits.append(float((logits.argmax(-1) == labels).float().mean()))
        sizes.append(len(labels))
    return [np.average(losses, weights=sizes), np.average(hits, weights=sizes)]


@torch.no_grad()
def predict(model, inputs):
    device = next(iter(model.parameters())).device
    return torch.topk(model.eval()(inputs.to(device)), 1).indices.flatten().cpu().numpy()


class Shifted(torch.utils.data.TensorDataset):
    """Digits that are moved by up to one pixel, each time anew."""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.roll(tuple(torch.randint(-1, 2, (2,)).tolist()), (1, 2)), label


def train(images, labels, seed, device="cpu"):
    torch.manual_seed(seed)
    model = LeNet5().to(device)
    loader = torch.utils.data.DataLoader(Shifted(images, labels), batch_size=64, shuffle=True)
    epochs = 25
    optimizer = optim.AdamW(model.parameters(), lr=3e-3)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=epochs * len(loader))
    for _ in range(epochs):
        for inputs, answers in loader:
            train_step(model, optimizer, inputs.to(device), answers.to(device))
            schedule.step()
    return model
