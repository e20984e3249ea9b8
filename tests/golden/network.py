"""The generator's blocks in PyTorch, from the descriptions in lib/network/blocks."""

import torch
import torch.nn.functional as F
from layers import causal_conv1d, conv2d, enlarge, pixel_shuffle2, upsample2, warp, wrap
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


class Leaves(dict):
    """Everything that gets a gradient: inputs and, as they are asked for, weights."""

    def input(self, name, shape, scale=1.0):
        self[name] = pattern(shape, seed_of(name), scale).requires_grad_()
        return self[name]

    def get_weight(self, name, shape):
        if name not in self:
            self[name] = weight(name, shape)
        return self[name]

    def conv(self, name, x, kernel, out, stride=1):
        filter = self.get_weight(f"{name}.weight", [kernel, kernel, x.shape[3], out])
        return conv2d(x, filter, self.get_weight(f"{name}.bias", [out]), stride)

    def dense(self, name, x, out):
        return x @ self.get_weight(f"{name}.weight", [x.shape[-1], out]) + self.get_weight(f"{name}.bias", [out])

    def residual(self, name, x):
        hidden = act(self.conv(f"{name}.a", x, 3, x.shape[3]))
        return x + self.conv(f"{name}.b", hidden, 3, x.shape[3])

    def film(self, name, x, style):
        channels = x.shape[3]
        gamma, beta = self.dense(name, style, 2 * channels).split(channels, 1)
        return x * (1 + gamma)[:, None, None, :] + beta[:, None, None, :]


def act(x):
    return F.leaky_relu(x, 0.2)


def encoder():
    leaves = Leaves()
    half = act(leaves.conv("encoder.half", leaves.input("photo", [2, 40, 24, 3]), 5, W1, 2))
    quarter = act(leaves.conv("encoder.quarter", half, 3, W2, 2))
    eighth = act(leaves.conv("encoder.eighth", quarter, 3, W3, 2))
    for i in range(CONFIG["encoderBlocks"]):
        eighth = leaves.residual(f"encoder.block{i}", eighth)
    outputs = {"half": half, "quarter": quarter, "eighth": eighth, "code": eighth.mean((1, 2))}
    return case(outputs, leaves)


def style_encoder():
    leaves = Leaves()
    x = leaves.input("page", [2, 50, 33, 1])
    for i, channels in enumerate([16, 32, 64, 64]):
        x = act(leaves.conv(f"style.conv{i}", x, 3, channels, 2))
    return case({"style": leaves.dense("style.code", x.mean((1, 2)), CONFIG["style"])}, leaves)


def canonical_decoder():
    leaves = Leaves()
    half_in = leaves.input("half", [2, 20, 12, W1])
    quarter_in = leaves.input("quarter", [2, 10, 6, W2])
    x = leaves.input("eighth", [2, 5, 3, W3])
    style = leaves.input("style", [2, CONFIG["style"]])
    position = leaves.input("position", [2, 10, 6, 2])
    for i in range(CONFIG["decoderBlocks"]):
        x = leaves.film(f"decoder.block{i}.film", leaves.residual(f"decoder.block{i}", x), style)
    up4 = leaves.conv("decoder.quarter", torch.cat([upsample2(x), quarter_in], 3), 3, W2)
    quarter = act(leaves.film("decoder.quarter.film", up4, style))
    narrow = act(leaves.conv("decoder.narrow", quarter, 1, W1))
    up2 = leaves.conv("decoder.half", torch.cat([upsample2(narrow), half_in], 3), 3, W1)
    half = act(leaves.film("decoder.half.film", up2, style))
    refined = half + act(leaves.conv("decoder.refine", half, 3, W1))
    layers = pixel_shuffle2(leaves.conv("decoder.layers", refined, 3, 16))
    hidden = act(leaves.conv("decoder.fields.a", torch.cat([quarter, position], 3), 3, 32))
    fields = torch.tanh(leaves.conv("decoder.fields.b", hidden, 3, 1 + 2 * BASES))
    return case({"layers": layers, "fields": fields}, leaves)


def motion_tcn():
    leaves = Leaves()
    channels, levels, kernel = (CONFIG["tcn"][key] for key in ("channels", "levels", "kernel"))
    z = leaves.input("z", [2, 11, CONFIG["noise"]])
    phase = leaves.input("phase", [2, 11, PHASE])
    code = leaves.input("code", [2, W3])
    amplitude = leaves.dense("tcn.amplitude", torch.cat([z, code[:, None, :].expand(-1, 11, -1)], 2), channels)
    start = amplitude * leaves.dense("tcn.course", phase, channels)
    x = start
    for level in range(levels):
        h = x
        for part in "ab":
            name = f"tcn.block{level}.{part}"
            w = leaves.get_weight(f"{name}.weight", [kernel, channels, channels])
            h = torch.relu(causal_conv1d(h, w, leaves.get_weight(f"{name}.bias", [channels]), 2**level))
        x = torch.relu(x + h)
    return case({"motion": leaves.dense("tcn.motion", torch.cat([x, start], 2), 7 + BASES)}, leaves)


SCALARS = """xx xy x0 yx yy y0 parallaxX parallaxY dolly screenUX screenUY screenU0 screenVX screenVY screenV0
edgeGain lineThreshold screenGain""".split()
# One frame each; the second picture's frames see other values: see `scalars` below.
SCALAR_VALUES = {
    **{"xx": 0.08, "xy": 0.007, "x0": 0.05, "yx": -0.009, "yy": 0.11, "y0": -0.04},
    **{"parallaxX": 0.05, "parallaxY": -0.03, "dolly": 0.08},
    **{"screenUX": 4.1, "screenUY": 3.3, "screenU0": 0.2, "screenVX": -3.2, "screenVY": 4.3, "screenV0": 0.7},
    **{"edgeGain": 0.9, "lineThreshold": 0.45, "screenGain": 0.8},
}
FRAMES = 3
FRAME = (12, 20)  # height, width


def arch(u):
    """A parabola arch through cos(2 pi u)'s zeros and extremes."""
    x = 1 - 4 * wrap(u).abs()
    return x * (2 - x.abs())


def render_frames():
    """Two pictures of three frames, one after the other; plates line and tone."""
    leaves = Leaves()
    count = 2 * FRAMES
    layers = leaves.input("layers", [2, 16, 24, 4], 1.2)
    fields = leaves.input("fields", [2, 4, 6, 1 + 2 * BASES])
    values = torch.tensor([SCALAR_VALUES[name] for name in SCALARS], dtype=torch.float64)
    leaves["scalars"] = (values * (1 + pattern([count, len(SCALARS)], 3, 0.1))).float().double().requires_grad_()
    weights = leaves.input("weights", [count, 2 * BASES], 0.06)
    s = {name: leaves["scalars"][:, i].reshape(count, 1, 1) for i, name in enumerate(SCALARS)}

    def grid(step):
        y, x = (torch.arange(side // step) * step + (step - 1) / 2 - (side - 1) / 2 for side in FRAME)
        return x.double().reshape(1, 1, -1), y.double().reshape(1, -1, 1)

    def camera(x, y):
        return [s[f"{a}x"] * x + s[f"{a}y"] * y + s[f"{a}0"] for a in "xy"]

    def sample(image, qx, qy):
        each = image.repeat_interleave(FRAMES, 0)  # every frame sees its own picture
        return warp(each, torch.stack([qx, qy], 3))

    coarse = camera(*grid(4))
    moved = sample(fields, *coarse)
    disparity = moved[..., 0]
    q = camera(*grid(1))
    for a in (0, 1):
        flow = disparity * (s["parallaxX" if a == 0 else "parallaxY"] + s["dolly"] * coarse[a])
        for k in range(BASES):
            flow = flow + weights[:, 2 * k + a].reshape(count, 1, 1) * moved[..., 1 + 2 * k + a]
        q[a] = q[a] + enlarge(flow[..., None], 4)[..., 0]
    drawn = sample(layers, *q)
    coverage = lambda channel, threshold: ((drawn[..., channel] - threshold) * s["edgeGain"] + 0.5).clamp(0, 1)
    line = coverage(0, s["lineThreshold"])
    tones = [coverage(1 + i, 0.5) for i in range(3)]
    threshold = 0.289 * tones[0] + 0.211 * tones[1] + 0.5 * tones[2]
    offset = 0.5 * tones[0] + 0.5 * tones[2]
    u, v = (s[f"screen{a}X"] * q[0] + s[f"screen{a}Y"] * q[1] + s[f"screen{a}0"] for a in "UV")
    distance = 0.5 - (arch(u) + arch(v)) / 4
    tone = ((threshold - distance) * s["screenGain"] + offset).clamp(0, 1)
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
