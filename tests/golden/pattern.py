"""Numbers that both sides can compute: see golden.ts."""

import numpy as np
import torch

# A tensor of at most so many elements is kept whole, a larger one by this many of its elements, evenly spaced.
KEPT = 160
SAMPLED = 48


def pattern(shape, seed, scale=1.0, offset=0.0):
    """offset + scale * sin(.7 i^2 + 1.3 i + seed) of the flat index i, rounded to float32, as float64."""
    i = np.arange(int(np.prod(shape)), dtype=np.float64)
    values = offset + scale * np.sin(0.7 * i * i + 1.3 * i + seed)
    return torch.from_numpy(values.astype(np.float32).astype(np.float64).reshape(shape))


def seed_of(name):
    return sum((k + 1) * ord(letter) for k, letter in enumerate(name)) % 1000


def weight(name, shape):
    """Deviation about 1/sqrt(fan in) for filters, .07 for biases."""
    fan_in = int(np.prod(shape[:-1]))
    scale = 0.1 if len(shape) == 1 else (2 / fan_in) ** 0.5
    return pattern(shape, seed_of(name), scale).requires_grad_()


def summary(tensor):
    """What is kept of a tensor: its norm, its product with a pattern, and its elements or some of them."""
    flat = tensor.detach().reshape(-1)
    count = flat.numel()
    if count > KEPT:
        flat_kept = flat[torch.arange(SAMPLED) * count // SAMPLED]
    else:
        flat_kept = flat
    digits = lambda value: float(f"{value:.7g}")
    return {
        "shape": list(tensor.shape),
        "norm": digits(flat.norm().item()),
        "product": digits((flat * pattern([count], 5)).sum().item()),
        "elements": [digits(v) for v in flat_kept.tolist()],
    }


def case(outputs, leaves):
    """Outputs, and the gradient of sum over outputs of sum(output * pattern(shape, seed_of(name))) for every leaf."""
    total = sum((out * pattern(out.shape, seed_of(name))).sum() for name, out in outputs.items())
    gradients = torch.autograd.grad(total, list(leaves.values()))
    return {
        "outputs": {name: summary(out) for name, out in outputs.items()},
        "gradients": {name: summary(g) for name, g in zip(leaves, gradients)},
    }
