"""The definitions of the solution of p3-regularization, made by `autograder build`."""

import numpy as np


class Linear:
    """y = x W + b. W (D, K), b (K,); gradients grad_W and grad_b after `backward`."""

    def __init__(self, d_in, d_out, rng=None):
        rng = np.random.default_rng(rng)
        self.W = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_out))
        self.b = np.zeros(d_out)

    def forward(self, x):
        self._x = np.array(x, dtype=float)
        return self._x @ self.W + self.b

    def backward(self, grad_output):
        self.grad_W = self._x.T @ grad_output
        self.grad_b = grad_output.sum(axis=0)
        return grad_output @ self.W.T


class ReLU:
    """y = max(0, x), elementwise."""

    def forward(self, x):
        self._positive = np.asarray(x) > 0
        return np.maximum(x, 0.0)

    def backward(self, grad_output):
        return grad_output * self._positive


class SoftmaxCrossEntropy:
    """Mean cross-entropy between softmax(logits) and the labels, integers of shape (N,)."""

    def forward(self, logits, labels):
        shifted = logits - logits.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._p, self._labels = np.exp(log_p), np.array(labels)
        return float(-log_p[np.arange(len(log_p)), self._labels].mean())

    def backward(self):
        grad = self._p.copy()
        grad[np.arange(len(grad)), self._labels] -= 1.0
        return grad / len(grad)


def l2_penalty(w, strength):
    """strength · Σ w² -> the tuple (value, a float; gradient, of the shape of w). w: any shape."""
    w = np.asarray(w, dtype=float)
    return float(strength * np.sum(w**2)), 2.0 * strength * w


def l1_penalty(w, strength):
    """strength · Σ |w| -> the tuple (value, a float; gradient, of the shape of w). w: any shape."""
    w = np.asarray(w, dtype=float)
    return float(strength * np.sum(np.abs(w))), strength * np.sign(w)


def penalty_of_prior(prior, scale):
    """The penalty that a prior amounts to, when the loss is −ln(likelihood) of all the data.

    prior: "normal" (scale is its standard deviation) or "laplace" (scale is its b).
    Returns the tuple (name, strength): name is "L1" or "L2", strength is λ, a float.
    """
    if prior == "normal":
        return "L2", 1.0 / (2.0 * scale**2)
    return "L1", 1.0 / scale


def soft_threshold(v, t):
    """sign(v) · max(|v| − t, 0), elementwise, for t ≥ 0; v of any shape."""
    v = np.asarray(v, dtype=float)
    return np.sign(v) * np.maximum(np.abs(v) - t, 0.0)


def proximal_step(w, gradient, lr, strength):
    """One step of size lr on (loss + strength · ‖w‖₁): the new w; the given w stays as it is.

    gradient: that of the loss alone, at w and of its shape.
    """
    return soft_threshold(w - lr * gradient, lr * strength)


class Dropout:
    """Sets values to 0 with probability p in training. Attributes: p, training."""

    def __init__(self, p, rng=None):
        """p: the probability to drop, 0 ≤ p ≤ 1. rng: None, an integer seed or a Generator."""
        self.p = p
        self.training = True
        self._rng = np.random.default_rng(rng)

    def forward(self, x):
        """x of any shape -> y of the same shape."""
        x = np.array(x, dtype=float)
        self._factor = np.ones(x.shape)
        if self.training:
            kept = self._rng.random(x.shape) >= self.p
            self._factor = kept / (1.0 - self.p) if self.p < 1 else np.zeros(x.shape)
        return x * self._factor

    def backward(self, grad_output):
        """grad_output -> gradient by x, both of the shape of x."""
        return grad_output * self._factor


class BatchNorm:
    """Batch normalisation of (N, D). q4: __init__ and forward, q5: backward.

    Attributes, all arrays of shape (D,): the parameters gamma, beta; the running statistics
    running_mean, running_var; after `backward` grad_gamma, grad_beta. And: training, True or False.
    """

    def __init__(self, d, momentum=0.1, eps=1e-5):
        """d: the number of features. momentum: m in the formula of the running statistics."""
        self.gamma, self.beta = np.ones(d), np.zeros(d)
        self.running_mean, self.running_var = np.zeros(d), np.ones(d)
        self.momentum = momentum
        self.eps = eps
        self.training = True

    def forward(self, x):
        """x (N, D) -> y (N, D); in training it also moves the running statistics."""
        x = np.asarray(x, dtype=float)
        n = len(x)
        if self.training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            m = self.momentum
            self.running_mean = (1.0 - m) * self.running_mean + m * mean
            if n > 1:
                self.running_var = (1.0 - m) * self.running_var + m * var * n / (n - 1)
        else:
            mean, var = self.running_mean, self.running_var
        self._by_batch = self.training
        self._std = np.sqrt(var + self.eps)
        self._normal = (x - mean) / self._std
        return self.gamma * self._normal + self.beta

    def backward(self, grad_output):
        """grad_output (N, D) -> gradient by x (N, D); sets grad_gamma and grad_beta (D,)."""
        self.grad_gamma = (grad_output * self._normal).sum(axis=0)
        self.grad_beta = grad_output.sum(axis=0)
        grad_normal = grad_output * self.gamma
        if self._by_batch:
            through_mean = grad_normal.mean(axis=0)
            through_var = self._normal * (grad_normal * self._normal).mean(axis=0)
            grad_normal = grad_normal - through_mean - through_var
        return grad_normal / self._std


def split_indices(n, n_validation, n_test, rng=None):
    """The tuple (training, validation, test) of integer arrays: 0 … n − 1 in random order, cut up.

    The last two have n_validation and n_test entries, the first all others; any may be empty.
    """
    order = np.random.default_rng(rng).permutation(n)
    cut = n - n_validation - n_test
    return order[:cut], order[cut : cut + n_validation], order[cut + n_validation :]


class Standardizer:
    """Brings features to mean 0 and deviation 1. Attributes after `fit`: mean and std, (D,)."""

    def fit(self, x):
        """Measure x (N, D); std is 1 where a feature has one and the same value in all rows."""
        x = np.asarray(x, dtype=float)
        self.mean = x.mean(axis=0)
        self.std = np.where(np.ptp(x, axis=0) > 0, x.std(axis=0), 1.0)

    def transform(self, x):
        """x (N, D) -> (x - mean) / std, by the numbers that `fit` has measured."""
        return (np.asarray(x, dtype=float) - self.mean) / self.std


def prepare(x, labels, n_validation, n_test, rng=None):
    """Split at random and standardise all parts by the statistics of the training part.

    x (N, D), labels (N,) -> the tuple of three pairs ((x, labels), (x, labels), (x, labels)):
    training, validation, test; the rows of a pair belong together.
    """
    x, labels = np.asarray(x, dtype=float), np.asarray(labels)
    parts = split_indices(len(x), n_validation, n_test, rng)
    ruler = Standardizer()
    ruler.fit(x[parts[0]])
    return tuple((ruler.transform(x[part]), labels[part]) for part in parts)


class EarlyStopping:
    """Says when to stop. Attributes: best_loss, a float; best_arrays, a list of arrays or None."""

    def __init__(self, patience, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = np.inf
        self.best_arrays = None
        self._waited = 0

    def update(self, loss, arrays):
        """loss: a float; arrays: the list of arrays to remember -> True if training should stop."""
        if loss < self.best_loss - self.min_delta:
            self.best_loss = float(loss)
            self.best_arrays = [np.array(array) for array in arrays]
            self._waited = 0
        else:
            self._waited += 1
        return self._waited >= self.patience


def count_parameters(sizes):
    """The number of weights and biases, an int, of a fully connected network.

    sizes: a list such as [784, 800, 10]: inputs, neurons of each layer in turn.
    """
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))


class Network:
    """A chain of layers. Attributes: layers, the list of layers; training."""

    def __init__(self, layers):
        self.layers = list(layers)
        self.training = True

    def forward(self, x):
        """The input of the first layer -> the output of the last."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad_output):
        """The gradient by the output of the last layer -> the gradient by the first one's input."""
        for layer in reversed(self.layers):
            grad_output = layer.backward(grad_output)
        return grad_output

    def parameters(self):
        """After `backward`: a list of pairs (parameter, gradient), the layers' own arrays."""
        return [
            (getattr(layer, name), getattr(layer, "grad_" + name))
            for layer in self.layers
            for name in ("W", "b", "gamma", "beta")
            if hasattr(layer, name)
        ]

    def train(self):
        """Training mode for the network and each of its layers."""
        for item in [self, *self.layers]:
            item.training = True

    def eval(self):
        """Evaluation mode for the network and each of its layers."""
        for item in [self, *self.layers]:
            item.training = False

    def arrays(self):
        """The layers' own arrays (no copies) as a list: layer by layer, of each those it has of
        W, b, gamma, beta, running_mean, running_var, in this order."""
        names = ("W", "b", "gamma", "beta", "running_mean", "running_var")
        return [
            getattr(layer, name) for layer in self.layers for name in names if hasattr(layer, name)
        ]


def minibatches(n, batch_size, rng=None):
    """A list of integer arrays: 0 … n − 1 in random order, cut into pieces of batch_size."""
    order = np.random.default_rng(rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def train_epoch(network, x, labels, batches, lr, strength=0.0):
    """One step of gradient descent for each of the batches, in order; changes the network.

    x (N, D), labels (N,); batches: a list of integer arrays, the rows of each batch; lr: the step
    size; strength: λ of the L2 penalty on the matrices. Returns the mean cross-entropy, a float.
    """
    network.train()
    criterion = SoftmaxCrossEntropy()
    total = count = 0
    for batch in batches:
        loss = criterion.forward(network.forward(x[batch]), labels[batch])
        network.backward(criterion.backward())
        for parameter, gradient in network.parameters():
            if parameter.ndim == 2:
                gradient = gradient + 2.0 * strength * parameter
            parameter -= lr * gradient
        total += loss * len(batch)
        count += len(batch)
    return total / count


def evaluate(network, x, labels):
    """The tuple (mean cross-entropy, share of right answers), two floats, in evaluation mode."""
    before = network.training
    network.eval()
    logits = network.forward(x)
    if before:
        network.train()
    loss = SoftmaxCrossEntropy().forward(logits, labels)
    return loss, float(np.mean(logits.argmax(axis=1) == labels))


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
    """Train with early stopping (min_delta 0); at the end the network has its best arrays.

    Returns the history, a dict of two lists with a float for each epoch that was run:
    "train" (what train_epoch returned) and "validation" (the loss after that epoch).
    """
    rng = np.random.default_rng(rng)
    stopper = EarlyStopping(patience)
    history = {"train": [], "validation": []}
    for _ in range(epochs):
        batches = minibatches(len(x), batch_size, rng)
        history["train"].append(train_epoch(network, x, labels, batches, lr, strength))
        loss, _ = evaluate(network, x_validation, labels_validation)
        history["validation"].append(loss)
        if stopper.update(loss, network.arrays()):
            break
    for array, best in zip(network.arrays(), stopper.best_arrays or [], strict=False):
        array[...] = best
    return history


def train(images, labels, seed):
    """images (N, 64), labels (N,), seed: an int -> a model for `predict`."""
    rng = np.random.default_rng(seed)
    learn, check, _ = split_indices(len(images), len(images) // 9, 0, rng)
    ruler = Standardizer()
    ruler.fit(images[learn])
    x = ruler.transform(images)
    hidden = [Linear(64, 100, rng), BatchNorm(100), ReLU(), Dropout(0.2, rng)]
    network = Network([*hidden, Linear(100, 10, rng)])
    fit(network, x[learn], labels[learn], x[check], labels[check], 30, 32, 0.2, 5e-4, 8, rng)
    return {"ruler": ruler, "network": network}


def predict(model, images):
    """A model of `train` and images (N, 64) -> their labels, an integer array (N,)."""
    network = model["network"]
    network.eval()
    return network.forward(model["ruler"].transform(images)).argmax(axis=1)
