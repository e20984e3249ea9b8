"""
One full step of adversarial training in PyTorch, float64: the discriminator judges x and G(z), learns (spectral norm, clipped
gradients, Adam), then the generator learns from what the new discriminator says, from content and style through a small random
VGG-19, and from the paired losses. x is a sequence of pages: discriminator and style see it, content and temporal loss the
drawing of the photo. Makes golden.json (the clip is judged as a whole) and golden-patches.json (every patch and step), which
tests/unit/gan-step-golden*.test.ts compare with. Written from the descriptions in lib/, not from its code.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install torch numpy
    /tmp/goldens/bin/python tests/golden/gan-step/make_golden.py

Not a part of the tests. The committed numbers were made with PyTorch 2.15.0 and NumPy 2.4.6 on Python 3.11.7.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "gan"))

import blocks
import torch
import torch.nn.functional as F
from generator import generate
from network import CONFIG
from pattern import pattern, seed_of, summary, weight
from vgg19 import DEVIATION, MEAN, torchvision_model

BATCH, FRAMES, SIDE, FRAME = 2, 3, 32, 24
RUN_UP = 12  # 2 (kernel - 1) (2^levels - 1) steps
CHANNELS = 4
RATE, BETAS, CLIP = 2e-4, (0.5, 0.999), 1.0
LABEL = 0.9
WEIGHTS = {
    **{"layers": 2.0, "fields": 2.0, "trajectory": 1.0},
    **{"temporal": 10.0, "content": 1.0, "style": 5.0, "adversarial": 1.0},
}
CONTENT_LAYERS = ["relu2_2", "relu3_1"]
STYLE_LAYERS = ["relu1_2", "relu2_2", "relu3_1"]
WARM_UP = 15


def unit(x):
    return x / x.norm()


class Generator(blocks.Layers):
    """Weights by formula; the TCN's as length and direction (Salimans 2016)."""

    def __init__(self):
        self.leaves = {}

    def get_weight(self, name, shape):
        normalised = name.startswith("tcn.block") and name.endswith(".weight")
        norm = lambda w: (w.square().sum((0, 1), keepdim=True) + 1e-12).sqrt()
        if normalised:
            if f"{name}.direction" not in self.leaves:
                start = weight(name, shape)
                self.leaves[f"{name}.direction"] = start
                self.leaves[f"{name}.length"] = norm(start.detach()).requires_grad_()
            direction = self.leaves[f"{name}.direction"]
            return direction * self.leaves[f"{name}.length"] / norm(direction)
        if name not in self.leaves:
            self.leaves[name] = weight(name, shape)
        return self.leaves[name]


class Discriminator(blocks.Layers):
    """lib/network/blocks/discriminator.ts with weights W / sigma (Miyato 2018): u and v are constants to the gradient."""

    def __init__(self):
        self.leaves, self.u, self.v = {}, {}, {}

    def matrix(self, name):
        w = self.leaves[name].detach()
        return w.reshape(-1, w.shape[-1]).T

    def advance(self, name, iterations):
        w = self.matrix(name)
        for _ in range(iterations):
            self.v[name] = unit(w.T @ self.u[name])
            self.u[name] = unit(w @ self.v[name])

    def get_weight(self, name, shape):
        if name not in self.leaves:
            self.leaves[name] = weight(name, shape)
            if len(shape) > 1:
                self.u[name] = unit(pattern([shape[-1]], seed_of(name + ".u")))
                self.advance(name, WARM_UP)
        w = self.leaves[name]
        if len(shape) == 1:
            return w
        sigma = self.u[name] @ w.reshape(-1, shape[-1]).T @ self.v[name]
        return w / sigma

    def __call__(self, frames):
        """frames [B*T,S,S,1] in 0..1 -> logits of the clips [B,1], of patches [B,P], of steps [B,T-1]"""
        x = frames * 2 - 1
        y = x
        for i in range(3):
            y = blocks.act(self.conv(f"discriminator.frames.conv{i}", y, 3, CHANNELS << i, 2))
        patches = self.conv("discriminator.frames.logits", y, 1, 1).reshape(BATCH, -1)
        half = F.avg_pool2d(x[..., 0], 2).reshape(BATCH, FRAMES, FRAME // 2, FRAME // 2)
        now, then = half[:, :-1], half[:, 1:]
        y = torch.stack([now, then, then - now], 4).flatten(0, 1)
        for i in range(3):
            y = blocks.act(self.conv(f"discriminator.motion.conv{i}", y, 3, CHANNELS // 2 << i, 2))
        steps = y.mean((1, 2)).reshape(BATCH, FRAMES - 1, -1)
        for level in range(2):
            h = steps
            for part in "ab":
                h = self.causal(f"discriminator.motion.block{level}.{part}", blocks.act(h), 3, 2**level)
            steps = steps + h
        moves = self.dense("discriminator.motion.logits", blocks.act(steps), 1)[..., 0]
        return (patches.mean(1, keepdim=True) + moves.mean(1, keepdim=True)) / 2, patches, moves


def taught(judged, on):
    """What the losses are taken on."""
    clip, *parts = judged
    return [clip] if on == "clip" else parts


def bce_mean(judged, label, on):
    parts = taught(judged, on)
    return sum(bce(part, label) for part in parts) / len(parts)


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def inputs():
    q, bases = SIDE // 4, CONFIG["flowBases"]
    named = lambda name, shape, scale=1.0, offset=0.0: pattern(shape, seed_of(name), scale, offset)
    return {
        "photo": named("photo", [BATCH, SIDE, SIDE, 3]),
        "page": named("page", [BATCH, SIDE, SIDE, 1]),
        "position": named("position", [BATCH, q, q, 2]),
        "z": named("z", [BATCH, RUN_UP + FRAMES, CONFIG["noise"]]),
        "phase": named("phase", [BATCH, RUN_UP + FRAMES, 9]),
        "path": named("path", [BATCH, FRAMES, 7 + bases]),
        "real": named("real", [BATCH * FRAMES, FRAME, FRAME, 1], 0.5, 0.5),
        "drawn": named("drawn", [BATCH * FRAMES, FRAME, FRAME, 1], 0.5, 0.5),
        "layers": named("layers", [BATCH, SIDE, SIDE, 4], 0.5, 0.5),
        "fields": named("fields", [BATCH, q, q, 1 + 2 * bases]),
    }


def features(frames):
    """Of the first and the last frame of each clip, by layer, [2B,h,w,C]."""
    ends = frames.reshape(BATCH, FRAMES, FRAME, FRAME, 1)[:, [0, FRAMES - 1]].flatten(0, 1)
    model, relus = torchvision_model()
    y = ((ends.expand(-1, -1, -1, 3) - MEAN) / DEVIATION).permute(0, 3, 1, 2)
    found = {}
    for index, layer in enumerate(model):
        y = layer(y)
        if index in relus:
            found[relus[index]] = y.permute(0, 2, 3, 1)
        if "relu3_1" in found:
            return found


def mean_distance(ours, theirs, layers, of=lambda f: f):
    return sum(F.l1_loss(of(ours[layer]), of(theirs[layer])) for layer in layers) / len(layers)


def gram(f):
    return torch.einsum("nhwi,nhwj->nij", f, f) / (f.shape[1] * f.shape[2])


def generator_losses(sample, made, adversarial):
    frames, layers, fields, motion = made
    error = (layers - sample["layers"]).abs()
    line = error[..., :1] * (1 + 4 * sample["layers"][..., :1])
    seen = features(frames)
    change = lambda x: x.reshape(BATCH, FRAMES, FRAME, FRAME).diff(dim=1)
    return {
        "layers": torch.cat([line, error[..., 1:]], 3).mean(),
        "fields": F.l1_loss(fields, sample["fields"]),
        "trajectory": F.l1_loss(motion, sample["path"]),
        "temporal": F.l1_loss(change(frames), change(sample["drawn"])),
        "content": mean_distance(seen, features(sample["drawn"]), CONTENT_LAYERS),
        "style": mean_distance(seen, features(sample["real"]), STYLE_LAYERS, gram),
        "adversarial": adversarial,
    }


def update(leaves, loss):
    """Gradients, and the weights after one clipped step of Adam."""
    tensors = list(leaves.values())
    gradients = torch.autograd.grad(loss, tensors)
    for tensor, gradient in zip(tensors, gradients):
        tensor.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(tensors, CLIP)
    torch.optim.Adam(tensors, lr=RATE, betas=BETAS, eps=1e-8).step()
    return {
        "norm": norm.item(),
        "gradients": {name: summary(g) for name, g in zip(leaves, gradients)},
        "weights": {name: summary(w) for name, w in leaves.items()},
    }


def golden(on):
    sample = inputs()
    player, judge = Generator(), Discriminator()
    made = generate(player, CONFIG, sample, FRAMES, FRAME)
    on_real, on_fake = judge(sample["real"]), judge(made[0].detach())
    loss = bce_mean(on_real, LABEL, on) + bce_mean(on_fake, 0.0, on)
    scores = {"real": torch.sigmoid(on_real[0]).mean().item(), "fake": torch.sigmoid(on_fake[0]).mean().item()}
    opponent = {"loss": loss.item(), "scores": scores, **update(judge.leaves, loss)}
    for name in judge.u:
        judge.advance(name, 1)
    losses = generator_losses(sample, made, bce_mean(judge(made[0]), 1.0, on))
    learned = update(player.leaves, sum(WEIGHTS[name] * value for name, value in losses.items()))
    return {
        "config": CONFIG,
        "sizes": {"batch": BATCH, "frames": FRAMES, "side": SIDE, "frame": FRAME, "channels": CHANNELS},
        "shapes": {
            "generator": {name: list(w.shape) for name, w in player.leaves.items()},
            "discriminator": {name: list(w.shape) for name, w in judge.leaves.items()},
        },
        "weights": WEIGHTS,
        "layers": {"content": CONTENT_LAYERS, "style": STYLE_LAYERS},
        "frames": summary(made[0]),
        "discriminator": {**opponent, "u": {name: summary(u) for name, u in judge.u.items()}},
        "generator": {"losses": {name: value.item() for name, value in losses.items()}, **learned},
    }


for on, name in (("clip", "golden.json"), ("patches", "golden-patches.json")):
    path = HERE / name
    path.write_text(json.dumps(golden(on), indent=None, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes")
