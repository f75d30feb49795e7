"""The definitions of the solution of p6-recurrent, made by `autograder build`."""

import numpy as np


def rnn_step(x, h, W_x, W_h, b):
    """x (N, D), the old state h (N, H), W_x (D, H), W_h (H, H), b (H,) -> the new state (N, H)."""
    return np.tanh(x @ W_x + h @ W_h + b)


def rnn_step_backward(grad_h_new, x, h, h_new, W_x, W_h):
    """The gradients of one step, of which h_new (N, H) was the result.

    grad_h_new (N, H): the gradient by the new state; x, h, W_x, W_h as in `rnn_step`.
    Returns the tuple (grad_x (N, D), grad_h (N, H), grad_W_x (D, H), grad_W_h (H, H), grad_b (H,)).
    """
    grad_z = grad_h_new * (1.0 - h_new**2)
    return grad_z @ W_x.T, grad_z @ W_h.T, x.T @ grad_z, h.T @ grad_z, grad_z.sum(axis=0)


class RNN:
    """A recurrent layer, h_t = tanh(x_t W_x + h_{t-1} W_h + b).

    Attributes: W_x (D, H), W_h (H, H), b (H,); after `backward` also grad_W_x, grad_W_h, grad_b and
    grad_h_0 (N, H).
    """

    def __init__(self, d_in, d_hidden, rng=None):
        """Draw W_x from N(0, 1/D), W_h from N(0, 1/H) with D = d_in, H = d_hidden; b is zeros.

        rng: None, an integer seed or a numpy Generator.
        """
        rng = np.random.default_rng(rng)
        self.W_x = rng.normal(0.0, 1.0 / np.sqrt(d_in), size=(d_in, d_hidden))
        self.W_h = rng.normal(0.0, 1.0 / np.sqrt(d_hidden), size=(d_hidden, d_hidden))
        self.b = np.zeros(d_hidden)

    def forward(self, x, h_0=None):
        """x (N, T, D), h_0 (N, H) or None for zeros -> the states after each step (N, T, H)."""
        self._x = np.array(x, dtype=float)
        n, steps, _ = self._x.shape
        # One state more than steps: _h[:, t] is the one before x[:, t] is read.
        self._h = np.zeros((n, steps + 1, len(self.b)))
        if h_0 is not None:
            self._h[:, 0] = h_0
        for t in range(steps):
            self._h[:, t + 1] = rnn_step(self._x[:, t], self._h[:, t], self.W_x, self.W_h, self.b)
        return self._h[:, 1:].copy()

    def backward(self, grad_h):
        """q3: grad_h (N, T, H) -> gradient by x (N, T, D); sets grad_W_x, grad_W_h, grad_b, grad_h_0."""
        grad_x = np.zeros_like(self._x)
        self.grad_W_x = np.zeros_like(self.W_x)
        self.grad_W_h = np.zeros_like(self.W_h)
        self.grad_b = np.zeros_like(self.b)
        from_later = np.zeros_like(self._h[:, 0])
        for t in reversed(range(grad_x.shape[1])):
            grad_x[:, t], from_later, grad_W_x, grad_W_h, grad_b = rnn_step_backward(
                grad_h[:, t] + from_later,
                self._x[:, t],
                self._h[:, t],
                self._h[:, t + 1],
                self.W_x,
                self.W_h,
            )
            self.grad_W_x += grad_W_x
            self.grad_W_h += grad_W_h
            self.grad_b += grad_b
        self.grad_h_0 = from_later
        return grad_x


def clip_by_global_norm(gradients, max_norm):
    """gradients: a list of arrays of any shapes; max_norm > 0.

    Returns the tuple (clipped, norm): the list of scaled arrays, in the same order and of the same
    shapes, and the global norm *before* clipping. The given arrays and the given list stay as
    they are.
    """
    norm = float(np.sqrt(sum(np.sum(gradient**2) for gradient in gradients)))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * gradient for gradient in gradients], norm


class CharacterCrossEntropy:
    """Mean cross-entropy per character, in nats, between softmax(logits) and the targets."""

    def forward(self, logits, targets):
        """logits (N, T, V), targets (N, T) of integers 0 … V - 1 -> the loss, a float."""
        logits = np.asarray(logits, dtype=float)
        shifted = logits - logits.max(axis=2, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
        self._p = np.exp(log_p)
        self._targets = np.array(targets)[:, :, None]
        return float(-np.take_along_axis(log_p, self._targets, axis=2).mean())

    def backward(self):
        """The gradient of the loss by the logits (N, T, V)."""
        one_hot = np.zeros_like(self._p)
        np.put_along_axis(one_hot, self._targets, 1.0, axis=2)
        return (self._p - one_hot) / self._targets.size


def perplexity(probabilities, targets):
    """probabilities (N, T, V), all > 0, and targets (N, T) -> exp(mean of -ln p[target]), a float."""
    targets = np.asarray(targets)[:, :, None]
    chosen = np.take_along_axis(np.asarray(probabilities), targets, axis=2)
    return float(np.exp(-np.log(chosen).mean()))


class CharModel:
    """A recurrent model of the next character.

    Attributes: rnn, an RNN from V one-hot inputs to H; W_y (H, V), b_y (V,); after `backward` also
    rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b, grad_W_y, grad_b_y.
    """

    def __init__(self, vocabulary, d_hidden, rng=None):
        """vocabulary: V, the number of different characters; d_hidden: H; rng as in `RNN`."""
        rng = np.random.default_rng(rng)
        self.rnn = RNN(vocabulary, d_hidden, rng)
        self.W_y = rng.normal(0.0, 1.0 / np.sqrt(d_hidden), size=(d_hidden, vocabulary))
        self.b_y = np.zeros(vocabulary)

    def forward(self, ids):
        """ids (N, T) of integers 0 … V - 1 -> logits (N, T, V)."""
        self._h = self.rnn.forward(np.eye(len(self.b_y))[ids])
        return self._h @ self.W_y + self.b_y

    def backward(self, grad_logits):
        """grad_logits (N, T, V): sets the gradients of all five parameters; returns nothing."""
        self.grad_W_y = np.einsum("nth,ntv->hv", self._h, grad_logits)
        self.grad_b_y = grad_logits.sum(axis=(0, 1))
        self.rnn.backward(grad_logits @ self.W_y.T)

    def probabilities(self, ids):
        """ids (N, T) -> (N, T, V): at place t the distribution of character t + 1."""
        logits = self.forward(ids)
        p = np.exp(logits - logits.max(axis=2, keepdims=True))
        return p / p.sum(axis=2, keepdims=True)


def train_step(model, inputs, targets, lr, max_norm):
    """One clipped step of gradient descent; changes the parameters of `model`.

    inputs, targets (N, T): characters and the ones that follow them. Returns the loss before the
    step, a float.
    """
    criterion = CharacterCrossEntropy()
    loss = criterion.forward(model.forward(inputs), targets)
    model.backward(criterion.backward())
    rnn = model.rnn
    parameters = [rnn.W_x, rnn.W_h, rnn.b, model.W_y, model.b_y]
    gradients = [rnn.grad_W_x, rnn.grad_W_h, rnn.grad_b, model.grad_W_y, model.grad_b_y]
    clipped, _ = clip_by_global_norm(gradients, max_norm)
    for parameter, gradient in zip(parameters, clipped, strict=True):
        parameter -= lr * gradient
    return loss


def train(ids, vocabulary, seed):
    """ids (L,): a text as integers 0 … vocabulary - 1; seed: an integer -> a trained model.

    The model is a CharModel, or anything else of yours with the method `probabilities`.
    """
    rng = np.random.default_rng(seed)
    model = CharModel(vocabulary, 64, rng)
    steps, count, length = 600, 32, 32
    for step in range(steps):
        starts = rng.integers(0, len(ids) - length, count)
        windows = ids[starts[:, None] + np.arange(length + 1)]
        train_step(model, windows[:, :-1], windows[:, 1:], 2.0 * (1.0 - step / steps), 1.0)
    return model
