"""State in one block with views into it; results are views and non-contiguous arrays."""

import copy

import numpy as np


class Linear:
    def __init__(self, d_in, d_out, rng=None):
        block = np.random.default_rng(rng).normal(0.0, d_in**-0.5, (d_in + 1, d_out))
        self.W, self.b = block[:-1], block[-1]
        self.b[:] = 0
        self.grads = np.zeros_like(block)
        self.grad_W, self.grad_b = self.grads[:-1], self.grads[-1]

    def forward(self, x):
        self.x = np.array(x, dtype=float, order="F")
        return self.x @ self.W + self.b

    def backward(self, grad_output):
        np.matmul(self.x.T, grad_output, out=self.grad_W)
        np.sum(grad_output, axis=0, out=self.grad_b)
        return (self.W @ grad_output.T).T


class ReLU:
    def forward(self, x):
        self.y = np.maximum(x, 0.0)
        return self.y.view()

    def backward(self, grad_output):
        return grad_output * (self.y > 0)


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        table = logits.T.copy()
        table -= table.max(axis=0)
        picked = table[labels, range(len(labels))]
        np.exp(table, out=table)
        total = table.sum(axis=0)
        table /= total
        table[labels, range(len(labels))] -= 1.0
        table /= len(labels)
        self.grad = table.T
        return float(np.mean(np.log(total) - picked))

    def backward(self):
        return self.grad


def l2_penalty(w, strength):
    w = np.array(w, dtype=float).T
    gradient = w.copy()
    gradient *= 2.0
    gradient *= strength
    return (strength * np.vdot(w, w)).item(), gradient.T


def l1_penalty(w, strength):
    gradient = np.sign(np.array(w, dtype=float).T)
    value = np.vdot(gradient, np.asarray(w).T) * strength
    gradient *= strength
    return value, gradient.T


def penalty_of_prior(prior, scale):
    return ("L2", 0.5 / (scale * scale)) if prior == "normal" else ("L1", 1.0 / scale)


def soft_threshold(v, t):
    out = np.array(v, dtype=float)
    sign = np.sign(out)
    np.abs(out, out=out)
    out -= t
    out[out < 0] = 0
    out *= sign
    return out[...]


def proximal_step(w, gradient, lr, strength):
    step = np.multiply(gradient, -lr)
    step += w
    return soft_threshold(step, lr * strength)


class Dropout:
    def __init__(self, p, rng=None):
        self.p = p
        self.training = True
        self.rng = np.random.default_rng(rng)
        self.factor = np.ones(())

    def forward(self, x):
        shape = np.shape(x)
        factor = np.ones(shape[::-1]).T
        if self.training:
            np.copyto(factor, 0.0, where=self.p > self.rng.random(shape[::-1]).T)
            with np.errstate(divide="ignore", invalid="ignore"):
                factor /= 1.0 - self.p
            np.nan_to_num(factor, copy=False)
        self.factor = factor
        return factor * x

    def backward(self, grad_output):
        out = np.empty_like(self.factor)
        return np.multiply(grad_output, self.factor, out=out)


class BatchNorm:
    def __init__(self, d, momentum=0.1, eps=1e-5):
        self.block = np.zeros((d, 4))
        self.gamma, self.beta, self.running_mean, self.running_var = self.block.T
        self.gamma[:] = self.running_var[:] = 1
        self.momentum, self.eps, self.training = momentum, eps, True

    def forward(self, x):
        work = np.array(x, dtype=float, order="F")
        self.batch = self.training
        if self.batch:
            mean = work.mean(axis=0)
            work -= mean
            var = np.square(work).mean(axis=0)
            self.running_mean *= 1 - self.momentum
            self.running_mean += self.momentum * mean
            if len(work) > 1:
                self.running_var *= 1 - self.momentum
                self.running_var += var * (self.momentum * len(work) / (len(work) - 1))
        else:
            work -= self.running_mean
            var = self.running_var.copy()
        self.inverse = np.reciprocal(np.sqrt(var + self.eps))
        work *= self.inverse
        self.normal = work
        y = work * self.gamma
        y += self.beta
        return y

    def backward(self, grad_output):
        grad = grad_output * self.normal
        self.grad_gamma = grad.sum(axis=0)
        self.grad_beta = grad_output.sum(axis=0)
        if self.batch:
            np.multiply(self.normal, -self.grad_gamma / len(grad), out=grad)
            grad -= self.grad_beta / len(grad)
            grad += grad_output
        else:
            grad[...] = grad_output
        grad *= self.gamma
        grad *= self.inverse
        return grad


def split_indices(n, n_validation, n_test, rng=None):
    order = np.random.default_rng(rng).permutation(n)[::-1]
    mask = np.zeros(n, dtype=int)
    mask[order[:n_test]] = 2
    mask[order[n_test : n_test + n_validation]] = 1
    return tuple(order[mask[order] == part] for part in range(3))


class Standardizer:
    def fit(self, x):
        self.numbers = np.stack([np.mean(x, axis=0), np.std(x, axis=0)])
        self.mean, self.std = self.numbers
        self.std[np.all(np.diff(x, axis=0) == 0, axis=0)] = 1.0

    def transform(self, x):
        out = np.array(x, dtype=float)
        out -= self.mean
        out /= self.std
        return out


def prepare(x, labels, n_validation, n_test, rng=None):
    x, labels = copy.deepcopy(x), labels.copy()
    parts = split_indices(len(x), n_validation, n_test, rng)
    order = np.concatenate(parts)
    x, labels = x[order], labels[order]
    one, two = len(parts[0]), len(parts[0]) + len(parts[1])
    ruler = Standardizer()
    ruler.fit(x[:one])
    z = ruler.transform(x)
    return (z[:one], labels[:one]), (z[one:two], labels[one:two]), (z[two:], labels[two:])


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta, self.bad = patience, min_delta, 0
        self.best_loss = np.float64(np.inf)
        self.best_arrays = None

    def update(self, loss, arrays):
        if np.isnan(loss) or loss >= self.best_loss - self.min_delta:
            self.bad += 1
            return np.bool_(self.bad >= self.patience)
        if self.best_arrays is None:
            self.best_arrays = copy.deepcopy(list(arrays))
        else:
            for mine, new in zip(self.best_arrays, arrays, strict=True):
                mine[...] = new
        self.best_loss, self.bad = np.float64(loss), 0
        return np.False_


def count_parameters(sizes):
    sizes = np.array(sizes)
    return np.dot(sizes[:-1] + 1, sizes[1:])


class Network:
    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        return [
            (getattr(layer, name), getattr(layer, "grad_" + name))
            for layer in self.layers
            for name in ("W", "b", "gamma", "beta")
            if hasattr(layer, name)
        ]

    def train(self):
        self.training = True
        for layer in self.layers:
            vars(layer).update(training=True)

    def eval(self):
        self.training = False
        for layer in self.layers:
            vars(layer).update(training=False)

    def arrays(self):
        found = []
        for layer in self.layers:
            match layer:
                case Linear():
                    found.extend((layer.W, layer.b))
                case BatchNorm():
                    found.extend(layer.block.T)
        return found


def minibatches(n, batch_size, rng=None):
    order = np.random.default_rng(rng).permutation(n)
    full = n // batch_size * batch_size
    batches = list(order[:full].reshape(-1, batch_size))
    return batches + [order[full:]] * (full < n)


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    network.train()
    criterion = SoftmaxCrossEntropy()
    losses = np.empty(len(batches))
    for i, batch in enumerate(batches):
        z = network.forward(np.take(x, batch, axis=0))
        losses[i] = criterion.forward(z, labels.take(batch))
        network.backward(criterion.backward())
        steps = [(p, g.copy()) for p, g in network.parameters()]
        for p, g in steps:
            if p.ndim > 1:
                g += 2 * strength * p
            g *= lr
            p -= g
    return losses @ [len(batch) for batch in batches] / len(x)


def evaluate(network, x, labels):
    shadow = copy.deepcopy(network)
    shadow.eval()
    z = shadow.forward(x)
    return SoftmaxCrossEntropy().forward(z, labels), np.mean(z.argmax(axis=1) == labels)


def fit(
    network,
    x,
    labels,
    x_validation,
    labels_validation,
    epochs,
    batch_size,
    lr,
    strength,
    patience,
    rng=None,
):
    rng = np.random.default_rng(rng)
    stopper = EarlyStopping(patience)
    history = np.zeros((2, epochs))
    for epoch in range(epochs):
        batches = minibatches(len(x), batch_size, rng)
        history[0, epoch] = train_epoch(network, x, labels, batches, lr, strength)
        history[1, epoch] = evaluate(network, x_validation, labels_validation)[0]
        if stopper.update(history[1, epoch], network.arrays()):
            break
    for own, best in zip(network.arrays(), stopper.best_arrays, strict=True):
        own[...] = best
    train, validation = history[:, : epoch + 1].tolist()
    return {"train": train, "validation": validation}


def train(images, labels, seed):
    rng = np.random.default_rng(seed)
    (x, y), (x_check, y_check), _ = prepare(images, labels, len(images) // 8, 0, rng)
    # Standardised already: fold the ruler into the first layer, so that the model is one network.
    network = Network([Linear(64, 100, rng), BatchNorm(100), ReLU(), Linear(100, 10, rng)])
    fit(network, x, y, x_check, y_check, 25, 25, 0.15, 1e-3, 8, rng)
    network.eval()
    ruler = Standardizer()
    parts = split_indices(len(images), len(images) // 8, 0, np.random.default_rng(seed))
    ruler.fit(images[parts[0]])
    network.layers[0].b -= (ruler.mean / ruler.std) @ network.layers[0].W
    network.layers[0].W /= ruler.std[:, None]
    return network


def predict(model, images):
    return model.forward(images).argmax(axis=1)
