"""The generator's blocks (blocks.py) on inputs and weights by formula, with all gradients."""

import blocks
import torch
from pattern import case, pattern, seed_of, weight

CONFIG = {
    "widths": [4, 6, 8],
    "encoderBlocks": 1,
    "decoderBlocks": 2,
    "style": 4,
    "flowBases": 2,
    "noise": 13,
    "tcn": {"channels": 8, "levels": 2, "kernel": 3},
}
W1, W2, W3 = CONFIG["widths"]
BASES = CONFIG["flowBases"]
PHASE = 9


class Leaves(dict, blocks.Layers):
    """Everything that gets a gradient: inputs and, as they are asked for, weights."""

    def input(self, name, shape, scale=1.0):
        self[name] = pattern(shape, seed_of(name), scale).requires_grad_()
        return self[name]

    def get_weight(self, name, shape):
        if name not in self:
            self[name] = weight(name, shape)
        return self[name]


def encoder():
    leaves = Leaves()
    photo = leaves.input("photo", [2, 40, 24, 3])
    return case(dict(zip(("half", "quarter", "eighth", "code"), blocks.encoder(leaves, CONFIG, photo))), leaves)


def style_encoder():
    leaves = Leaves()
    page = leaves.input("page", [2, 50, 33, 1])
    return case({"style": blocks.style_encoder(leaves, CONFIG, page)}, leaves)


def canonical_decoder():
    leaves = Leaves()
    half = leaves.input("half", [2, 20, 12, W1])
    quarter = leaves.input("quarter", [2, 10, 6, W2])
    eighth = leaves.input("eighth", [2, 5, 3, W3])
    style = leaves.input("style", [2, CONFIG["style"]])
    position = leaves.input("position", [2, 10, 6, 2])
    layers, fields = blocks.canonical_decoder(leaves, CONFIG, half, quarter, eighth, style, position)
    return case({"layers": layers, "fields": fields}, leaves)


def motion_tcn():
    leaves = Leaves()
    z = leaves.input("z", [2, 11, CONFIG["noise"]])
    phase = leaves.input("phase", [2, 11, PHASE])
    code = leaves.input("code", [2, W3])
    return case({"motion": blocks.motion_tcn(leaves, CONFIG, z, phase, code)}, leaves)


# One frame each; the second picture's frames see other values: see `scalars` below.
SCALAR_VALUES = {
    **{"xx": 0.08, "xy": 0.007, "x0": 0.05, "yx": -0.009, "yy": 0.11, "y0": -0.04},
    **{"parallaxX": 0.05, "parallaxY": -0.03, "dolly": 0.08},
    **{"screenUX": 4.1, "screenUY": 3.3, "screenU0": 0.2, "screenVX": -3.2, "screenVY": 4.3, "screenV0": 0.7},
    **{"edgeGain": 0.9, "lineThreshold": 0.45, "screenGain": 0.8},
}
FRAMES = 3
FRAME = (12, 20)  # height, width


def render_frames():
    """Two pictures of three frames, one after the other; plates line and tone."""
    leaves = Leaves()
    count = 2 * FRAMES
    layers = leaves.input("layers", [2, 16, 24, 4], 1.2)
    fields = leaves.input("fields", [2, 4, 6, 1 + 2 * BASES])
    values = torch.tensor([SCALAR_VALUES[name] for name in blocks.SCALARS], dtype=torch.float64)
    leaves["scalars"] = (values * (1 + pattern([count, len(blocks.SCALARS)], 3, 0.1))).float().double().requires_grad_()
    weights = leaves.input("weights", [count, 2 * BASES], 0.06)
    line, tone = blocks.render(layers, fields, leaves["scalars"], weights, FRAMES, FRAME)
    result = case({"line": line[..., None], "tone": tone[..., None]}, leaves)
    # float64 numbers rounded to float32 and printed: what the other side puts in.
    return {"scalars": leaves["scalars"].detach().reshape(-1).tolist(), **result}


def goldens():
    return {
        "config": CONFIG,
        "encoder": encoder(),
        "style-encoder": style_encoder(),
        "canonical-decoder": canonical_decoder(),
        "motion-tcn": motion_tcn(),
        "render-frames": render_frames(),
    }
