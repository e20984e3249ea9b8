"""Losses, weight normalisation, Adam and gradient clipping."""

import torch
from pattern import case, pattern, seed_of, summary

ADAM_STEPS = 20
ADAM_SIZE = 12


def input_of(name, shape, scale=1.0, offset=0.0):
    return pattern(shape, seed_of(name), scale, offset).requires_grad_()


def layer_errors():
    """Per element |layers - target|, of the line layer times 1 + 4 target; the loss is their mean."""
    layers = input_of("layers", [2, 6, 8, 4], 1.2, 0.5)
    target = input_of("target", [2, 6, 8, 4], 0.5, 0.5).detach()
    error = (layers - target).abs()
    errors = torch.cat([error[..., :1] * (1 + 4 * target[..., :1]), error[..., 1:]], 3)
    (gradient,) = torch.autograd.grad(errors.mean(), [layers])
    return {"errors": summary(errors), "loss": errors.mean().item(), "gradient": summary(gradient)}


def temporal_loss():
    """mean |(x_{t+1} - x_t) - (G_{t+1} - G_t)| over two clips of four frames."""
    real = input_of("real", [8, 5, 6, 1]).detach()
    generated = input_of("generated", [8, 5, 6, 1])
    x, g = real.reshape(2, 4, 5, 6), generated.reshape(2, 4, 5, 6)
    loss = (x.diff(dim=1) - g.diff(dim=1)).abs().mean()
    (gradient,) = torch.autograd.grad(loss, [generated])
    return {"loss": loss.item(), "gradient": summary(gradient)}


def weight_norm():
    """w = length v / |v|, one length an output channel; the norm over all other axes."""
    holder = torch.nn.Conv1d(5, 4, 3, bias=False).double()
    torch.nn.utils.parametrizations.weight_norm(holder, dim=0)
    direction = input_of("direction", [3, 5, 4])
    length = input_of("length", [1, 1, 4], 0.5, 2.0)
    parts = holder.parametrizations.weight
    parts.original0.data = length.detach().permute(2, 1, 0)
    parts.original1.data = direction.detach().permute(2, 1, 0)
    # PyTorch's own module says that the formula is the one meant; its gradient is taken of the formula.
    w = length * direction / direction.square().sum((0, 1), keepdim=True).sqrt()
    assert torch.allclose(holder.weight.permute(2, 1, 0), w)
    return case({"w": w}, {"direction": direction, "length": length})


def adam(betas):
    """
    Gradients from 1 down to 1e-11, so that epsilon (1e-8) counts and its place shows. The weights are small: float32 could not
    hold the smallest steps, 1e-5, to four digits beside weights of 1.
    """
    w = torch.nn.Parameter(pattern([ADAM_SIZE], 1, 1e-3))
    sizes = 10.0 ** -torch.arange(ADAM_SIZE, dtype=torch.float64)
    optimiser = torch.optim.Adam([w], lr=0.01, betas=betas, eps=1e-8)
    path = []
    for step in range(ADAM_STEPS):
        w.grad = (pattern([ADAM_SIZE], 10 + step) * sizes).float().double()
        optimiser.step()
        path.append(w.detach().tolist())
    return {"betas": betas, "steps": {str(t): path[t - 1] for t in (1, 2, 5, ADAM_STEPS)}}


# More than the inputs that one WebGPU shader may have.
CLIP_SHAPES = [[3, i] for i in range(1, 25)]


def clip(limit):
    tensors = [torch.nn.Parameter(pattern(shape, 0)) for shape in CLIP_SHAPES]
    for i, tensor in enumerate(tensors):
        tensor.grad = pattern(tensor.shape, 20 + i)
    norm = torch.nn.utils.clip_grad_norm_(tensors, limit)
    return {"limit": limit, "norm": norm.item(), "clipped": [summary(tensor.grad) for tensor in tensors]}


def goldens():
    return {
        "layerErrors": layer_errors(),
        "temporalLoss": temporal_loss(),
        "weightNorm": weight_norm(),
        "adam": [adam((0.5, 0.999)), adam((0.9, 0.999))],
        "clip": [clip(1.0), clip(1000.0)],
    }
