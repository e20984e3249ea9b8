"""The discriminator (lib/network/blocks/discriminator.ts) and spectral normalisation (Miyato 2018)."""

import torch
import torch.nn.functional as F
from layers import causal_conv1d, conv2d
from pattern import case, pattern, seed_of, summary, weight

CONFIG = {"frames": [4, 6], "motion": [3, 5], "tcn": {"levels": 2, "kernel": 3}}
FRAMES = 4
BATCH = 2
SIDE = 16
POWER_STEPS = 3


def act(x):
    return F.leaky_relu(x, 0.2)


def discriminator():
    leaves = {"sequence": pattern([BATCH * FRAMES, SIDE, SIDE, 1], seed_of("sequence"), 0.5, 0.5).requires_grad_()}

    def w(name, shape):
        leaves[name] = weight(name, shape)
        return leaves[name]

    def conv(name, x, kernel, out, stride):
        filter = w(f"{name}.weight", [kernel, kernel, x.shape[3], out])
        return conv2d(x, filter, w(f"{name}.bias", [out]), stride)

    x = leaves["sequence"] * 2 - 1
    y = x
    for i, out in enumerate(CONFIG["frames"]):
        y = act(conv(f"discriminator.frames.conv{i}", y, 3, out, 2))
    patches = conv("discriminator.frames.logits", y, 1, 1, 1)
    drawn = patches.reshape(BATCH, -1).mean(1, keepdim=True)

    half = F.avg_pool2d(x[..., 0], 2).reshape(BATCH, FRAMES, SIDE // 2, SIDE // 2)
    now, then = half[:, :-1], half[:, 1:]
    y = torch.stack([now, then, then - now], 4).reshape(BATCH * (FRAMES - 1), SIDE // 2, SIDE // 2, 3)
    for i, out in enumerate(CONFIG["motion"]):
        y = act(conv(f"discriminator.motion.conv{i}", y, 3, out, 2))
    channels = CONFIG["motion"][-1]
    steps = y.mean((1, 2)).reshape(BATCH, FRAMES - 1, channels)
    kernel = CONFIG["tcn"]["kernel"]
    for level in range(CONFIG["tcn"]["levels"]):
        h = steps
        for part in "ab":
            name = f"discriminator.motion.block{level}.{part}"
            filter = w(f"{name}.weight", [kernel, channels, channels])
            h = causal_conv1d(act(h), filter, w(f"{name}.bias", [channels]), 2**level)
        steps = steps + h
    name = "discriminator.motion.logits"
    moved = (act(steps) @ w(f"{name}.weight", [channels, 1]) + w(f"{name}.bias", [1])).mean(1)
    return {"frames": FRAMES, **case({"logits": (drawn + moved) / 2}, leaves)}


def spectral_norm(module, to_theirs, to_ours, shape):
    """Three training steps of PyTorch's own module: power iteration, W / sigma, its gradient, a change of W."""
    torch.nn.utils.spectral_norm(module.double())
    outputs = shape[-1]
    start = pattern([outputs], seed_of("u"))
    module.weight_u.copy_(start / start.norm())
    value = pattern(shape, seed_of("weight"))
    steps = []
    for step in range(POWER_STEPS):
        module.weight_orig.data = to_theirs(value).contiguous()
        module.train()
        for hook in module._forward_pre_hooks.values():
            hook(module, None)
        normalised = to_ours(module.weight)
        total = (normalised * pattern(shape, seed_of("weight") + 1)).sum()
        (gradient,) = torch.autograd.grad(total, [module.weight_orig])
        steps.append(
            {"weight": summary(normalised), "gradient": summary(to_ours(gradient)), "u": summary(module.weight_u)}
        )
        value = (value + pattern(shape, 30 + step, 0.2)).float().double()
    return {"shape": shape, "steps": steps}


def goldens():
    return {
        "config": CONFIG,
        "discriminator": discriminator(),
        "spectralNorm": [
            spectral_norm(
                torch.nn.Conv2d(5, 4, 3, bias=False),
                lambda w: w.permute(3, 2, 0, 1),
                lambda w: w.permute(2, 3, 1, 0),
                [3, 3, 5, 4],
            ),
            spectral_norm(
                torch.nn.Conv1d(5, 4, 3, bias=False),
                lambda w: w.permute(2, 1, 0),
                lambda w: w.permute(2, 1, 0),
                [3, 5, 4],
            ),
            spectral_norm(torch.nn.Linear(6, 3, bias=False), lambda w: w.T, lambda w: w.T, [6, 3]),
        ],
    }
