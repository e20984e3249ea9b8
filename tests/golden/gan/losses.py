"""Adversarial, content, style and temporal losses (lib/losses), each with its gradient, in every option."""

import torch
import torch.nn.functional as F
from pattern import case, pattern, seed_of

LABELS = (1.0, 0.9)
FRAMES = 4


def leaves_of(shapes, scale=1.0):
    return {name: pattern(shape, seed_of(name), scale).requires_grad_() for name, shape in shapes.items()}


def bce(logits, label):
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def log_d(logits):
    return F.logsigmoid(logits)


def adversarial():
    logits = lambda *names: leaves_of({name: [6, 1] for name in names}, 3.0)
    result = {}
    for label in LABELS:
        x = logits("real", "fake")
        result[f"discriminator independent {label:g}"] = case({"loss": bce(x["real"], label) + bce(x["fake"], 0)}, x)
        x = logits("real", "fake")
        result[f"discriminator relativistic {label:g}"] = case({"loss": bce(x["real"] - x["fake"], label)}, x)
    x = logits("fake")
    result["generator independent non-saturating"] = case({"loss": -log_d(x["fake"]).mean()}, x)
    x = logits("fake")
    result["generator independent minimax"] = case({"loss": torch.log(1 - torch.sigmoid(x["fake"])).mean()}, x)
    x = logits("real", "fake")
    result["generator relativistic non-saturating"] = case({"loss": -log_d(x["fake"] - x["real"]).mean()}, x)
    x = logits("real", "fake")
    result["generator relativistic minimax"] = case({"loss": log_d(x["real"] - x["fake"]).mean()}, x)
    x = logits("real")
    result["score"] = case({"loss": torch.sigmoid(x["real"]).mean()}, x)
    return result


def mean(terms):
    return sum(terms) / len(terms)


def content():
    x = leaves_of({"real0": [2, 5, 6, 3], "real1": [2, 3, 3, 4], "generated0": [2, 5, 6, 3], "generated1": [2, 3, 3, 4]})
    return case({"loss": mean([F.l1_loss(x[f"generated{i}"], x[f"real{i}"]) for i in range(2)])}, x)


def gram_style():
    """Pictures of different sizes have Gram matrices of the same size."""
    x = leaves_of({"real0": [2, 5, 6, 3], "real1": [2, 3, 3, 4], "generated0": [2, 4, 7, 3], "generated1": [2, 2, 3, 4]})
    gram = lambda f: torch.einsum("nhwi,nhwj->nij", f, f) / (f.shape[1] * f.shape[2])
    return case({"loss": mean([F.l1_loss(gram(x[f"generated{i}"]), gram(x[f"real{i}"])) for i in range(2)])}, x)


def layer_style():
    """Line error times 1 + 4 target; then the mean over all."""
    x = {"layers": pattern([2, 6, 8, 4], seed_of("layers"), 1.2, 0.5).requires_grad_()}
    target = pattern([2, 6, 8, 4], seed_of("target"), 0.5, 0.5)
    error = (x["layers"] - target).abs()
    line = error[..., :1] * (1 + 4 * target[..., :1])
    return case({"loss": torch.cat([line, error[..., 1:]], 3).mean()}, x)


def change(x):
    return x.reshape(-1, FRAMES, *x.shape[1:]).diff(dim=1)


def low_pass_temporal():
    x = leaves_of({"real": [8, 6, 7, 1], "generated": [8, 6, 7, 1]})
    blur = lambda y: F.avg_pool2d(y.permute(0, 3, 1, 2), 3, stride=1)
    return case({"loss": F.l1_loss(change(blur(x["generated"])), change(blur(x["real"])))}, x)


def goldens():
    return {
        "frames": FRAMES,
        "adversarial": adversarial(),
        "content": content(),
        "style gram": gram_style(),
        "style layers": layer_style(),
        "temporal low-pass": low_pass_temporal(),
    }
