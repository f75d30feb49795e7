"""q5, q6 and q7, 40 points: a few exact steps of each optimizer with given gradients."""

import numpy as np
import pytest

RATES = [0.1, 0.1, 0.05, 0.3, 0.2]

# The reference optimizers: one parameter `w`, its gradient (or None) and the learning rate of each
# step -> the parameter after each step.


def sgd(w, gradients, rates):
    path = []
    for g, lr in zip(gradients, rates, strict=True):
        w = w if g is None else w - lr * g
        path.append(w)
    return path


def momentum(w, gradients, rates, rho=0.9, nesterov=False, l2=0.0):
    v, path = np.zeros(w.shape), []
    for g, lr in zip(gradients, rates, strict=True):
        if g is not None:
            g = g + 2 * l2 * w
            v = rho * v + g
            w = w - lr * (rho * v + g if nesterov else v)
        path.append(w)
    return path


def scaled(w, gradients, rates, keep, take, eps):
    """AdaGrad and RMSProp: c ← keep · c + take · g²."""
    c, path = np.zeros(w.shape), []
    for g, lr in zip(gradients, rates, strict=True):
        if g is not None:
            c = keep * c + take * np.square(g)
            w = w - lr * g / (c**0.5 + eps)
        path.append(w)
    return path


def adagrad(w, gradients, rates, eps=1e-10):
    return scaled(w, gradients, rates, 1.0, 1.0, eps)


def rmsprop(w, gradients, rates, gamma=0.9, eps=1e-10):
    return scaled(w, gradients, rates, gamma, 1.0 - gamma, eps)


def adam(w, gradients, rates, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
    m, v, path = np.zeros(w.shape), np.zeros(w.shape), []
    for t, (g, lr) in enumerate(zip(gradients, rates, strict=True), 1):
        if g is not None:
            m, v = m + (1 - beta1) * (g - m), v + (1 - beta2) * (g * g - v)
            scale = np.sqrt(v / (1 - beta2**t)) + eps
            w = w - lr * weight_decay * w - lr * m / (1 - beta1**t) / scale
        path.append(w)
    return path


REFERENCES = {
    "SGD": sgd,
    "Momentum": momentum,
    "AdaGrad": adagrad,
    "RMSProp": rmsprop,
    "Adam": adam,
}


DECAYS = {"Momentum": {"l2": 0.1}, "Adam": {"weight_decay": 0.1}}


@pytest.fixture
def check_steps(student, check_close):
    """Parameters after each step of an optimizer (or of several, in turn) as the reference says."""

    def check(name, *runs):
        """Each run: the initial parameters, their gradients, the learning rates, the options."""
        optimizers = []
        for starts, _, rates, options in runs:
            there = [student.put(start) for start in starts]
            optimizers.append((there, getattr(student, name)(there, rates[0], **options)))
        expected = [
            [
                REFERENCES[name](start, gradients, rates, **options)
                for start, gradients in zip(starts, all_gradients, strict=True)
            ]
            for starts, all_gradients, rates, options in runs
        ]
        for t in range(max(len(rates) for _, _, rates, _ in runs)):
            for (there, optimizer), paths, (_, gradients, rates, _) in zip(
                optimizers, expected, runs, strict=True
            ):
                if t and rates[t] != rates[t - 1]:
                    optimizer.lr = rates[t]
                optimizer.step([of_one[t] for of_one in gradients])
                for i, (parameter, path) in enumerate(zip(there, paths, strict=True)):
                    what = f"{name}: parameter {i} after step {t + 1}"
                    check_close(student.fetch(parameter), path[t], what)

    return check


def twins(rng, shape=(4,)):
    """Two equal parameters and one of another shape."""
    w = rng.standard_normal(shape)
    return [w, w.copy(), rng.standard_normal((2, 3))]


def run(rng, starts, rates=RATES, **options):
    """A run for check_steps with random gradients; one of them is zero."""
    gradients = [list(rng.standard_normal((len(rates), *w.shape))) for w in starts]
    gradients[-1][2] = np.zeros(starts[-1].shape)
    return starts, gradients, rates, options


@pytest.mark.points(3)
@pytest.mark.hint("Who else holds the array, and does he see your step?")
def test_sgd(rng, check_steps):
    """SGD: five steps, in place, on parameters of any number and shape."""
    constant = [0.1] * 5
    check_steps("SGD", run(rng, twins(rng), constant), run(rng, [rng.standard_normal(1)], constant))


@pytest.mark.points(1)
@pytest.mark.hint("When does your optimizer look at its learning rate?")
def test_sgd_with_other_rates(student, rng, check_close, check_steps):
    """SGD: a learning rate that is changed counts from the next step on."""
    check_steps("SGD", run(rng, twins(rng)))
    parameter = student.put(np.ones(2))
    check_close(student.SGD([parameter], 0.25).lr, 0.25, "lr")


@pytest.mark.points(3)
@pytest.mark.hint("Follow v over three steps: what is kept, and in which order do v and w change?")
def test_momentum(rng, check_steps):
    """Momentum: five steps; each parameter has a velocity of its own; ρ is 0.9 unless given."""
    constant = [0.1] * 5
    check_steps("Momentum", run(rng, twins(rng), constant), run(rng, twins(rng), constant, rho=0.6))


@pytest.mark.points(2)
@pytest.mark.hint("What is in your velocity that should not be remembered?")
def test_momentum_with_other_rates(rng, check_steps):
    """Momentum: a learning rate that is changed acts on the whole velocity."""
    check_steps("Momentum", run(rng, twins(rng), rho=0.7))


@pytest.mark.points(2)
@pytest.mark.hint("Which v stands in Nesterov's formula, and what is added to it?")
def test_nesterov(rng, check_steps):
    """Momentum: five steps with nesterov=True."""
    check_steps("Momentum", run(rng, twins(rng), rho=0.8, nesterov=True))


@pytest.mark.points(2)
@pytest.mark.hint("What is the gradient of α‖w‖², and does your velocity feel it?")
def test_l2_penalty(rng, check_steps):
    """Momentum: the gradient of the L2 penalty goes through the velocity."""
    check_steps(
        "Momentum",
        run(rng, twins(rng), l2=0.3, rho=0.5),
        run(rng, twins(rng), l2=0.2, nesterov=True),
    )


@pytest.mark.points(2)
@pytest.mark.hint("What is collected in the cache, and is any of it ever forgotten?")
def test_adagrad(rng, check_steps):
    """AdaGrad: five steps; each parameter has a cache of its own."""
    check_steps("AdaGrad", run(rng, twins(rng)), run(rng, twins(rng), eps=0.1))


@pytest.mark.points(2)
@pytest.mark.hint("What are the weights of the past and of the present, and what do they sum to?")
def test_rmsprop(rng, check_steps):
    """RMSProp: five steps; each parameter has a cache of its own; γ is 0.9 unless given."""
    check_steps("RMSProp", run(rng, twins(rng)), run(rng, twins(rng), gamma=0.6, eps=0.1))


def small_gradients(steps=3):
    """One parameter, at zero, with gradients of 0, ±1e-9 and larger, and a rate of 1."""
    g = np.array([0.0, 1e-9, -3e-9, 1e-8, 0.5, 0.0])
    return [np.zeros(6)], [[g * (t + 1) for t in range(steps)]], [1.0] * steps, {}


@pytest.mark.points(2)
@pytest.mark.hint("Where does eps stand, how large is it, and what does it do for a gradient of 0?")
def test_adagrad_with_small_gradients(check_steps):
    """AdaGrad: right for gradients of 0 and of 1e-9."""
    check_steps("AdaGrad", small_gradients())


@pytest.mark.points(2)
@pytest.mark.hint("Where does eps stand, how large is it, and what does it do for a gradient of 0?")
def test_rmsprop_with_small_gradients(check_steps):
    """RMSProp: right for gradients of 0 and of 1e-9."""
    check_steps("RMSProp", small_gradients())


@pytest.mark.points(2)
@pytest.mark.hint("How much of g is in m after one step, and how is that made up for?")
def test_first_step_of_adam(student, rng, check_close):
    """Adam: the first step is lr · sign(g) for gradients of any size and any β."""
    for options in [{}, {"beta1": 0.5, "beta2": 0.8}]:
        g = rng.choice([-1.0, 1.0], 6) * 10.0 ** np.arange(-2, 4)
        parameter = student.put(np.zeros(6))
        student.Adam([parameter], 0.1, **options).step([g])
        check_close(
            student.fetch(parameter), -0.1 * np.sign(g), "parameter after the first step", rtol=1e-5
        )


@pytest.mark.points(3)
@pytest.mark.hint("In step 2, what are m, v and t of the second parameter, and what is stored?")
def test_adam(rng, check_steps):
    """Adam: five steps; each parameter has averages of its own, all of them share one t."""
    check_steps("Adam", run(rng, twins(rng)), run(rng, twins(rng), beta1=0.6, beta2=0.9, eps=0.1))


@pytest.mark.points(2)
@pytest.mark.hint("Where does eps stand, and to what is it added: v or v̂?")
def test_adam_with_small_gradients(check_steps):
    """Adam: right for gradients of 0 and of 1e-9."""
    check_steps("Adam", small_gradients())


@pytest.mark.points(2)
@pytest.mark.hint("Does the decay of a weight depend on the size of its gradients?")
def test_weight_decay(rng, check_steps):
    """Adam: weight decay pulls at each weight apart from its gradients."""
    check_steps("Adam", run(rng, twins(rng), weight_decay=0.2))


@pytest.mark.points(1)
@pytest.mark.hint("What does a parameter without a gradient do, and what do those after it do?")
@pytest.mark.parametrize("name", list(REFERENCES))
def test_frozen(rng, check_steps, name):
    """A parameter whose gradient is None is left alone, with its memory; the others move."""
    options = DECAYS.get(name, {})
    starts, gradients, rates, _ = run(rng, twins(rng), [0.1] * 4)
    gradients[0][1] = None
    if name == "Adam":
        gradients[0][2] = gradients[2][2] = None
    check_steps(name, (starts, gradients, rates, options))


@pytest.mark.points(1)
@pytest.mark.hint("Is what you remember of a gradient your own array, or the caller's?")
@pytest.mark.parametrize("name", list(REFERENCES))
def test_arrays_of_the_caller(student, rng, check_close, name):
    """An optimizer leaves the gradients as they are, and the caller may overwrite them."""
    values = [np.full((2, 3), value) for value in rng.uniform(0.5, 2.0, 3)]
    for options in ({}, DECAYS.get(name, {})):
        start = rng.standard_normal((2, 3))
        expected = REFERENCES[name](start, values, [0.1] * 3, **options)
        parameter, gradient = student.put(start), student.put(np.empty((2, 3)))
        optimizer = getattr(student, name)([parameter], 0.1, **options)
        for value, after in zip(values, expected, strict=True):
            gradient.fill(float(value[0, 0]))
            optimizer.step([gradient])
            check_close(student.fetch(gradient), value, f"{name}: gradient afterwards")
            check_close(student.fetch(parameter), after, f"{name}: parameter")
